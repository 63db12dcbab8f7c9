/* A shim for LD_PRELOAD that makes a SIGKILL as bad as a power cut, and makes chosen calls fail.
 *
 * For files under TORN_FOLDER it writes, before each write, what the touched 512-byte sectors held into a journal
 * shared with the harness (TORN_JOURNAL, a file outside that folder, mapped shared: it survives the process). A sync
 * marks the entries it covers as durable. After the kill the harness puts back a random subset of the sectors and sizes
 * that are not (torn.py). A write to a file opened with O_DSYNC or O_SYNC is durable when it has returned.
 *
 * Folder changes (create, rename, unlink) count as durable at once; mapped files are not seen.
 *
 * TORN_FAIL=CALL:N:WHAT makes the Nth call of its kind fail: CALL is write (any kind of it), sync (any kind) or all;
 * WHAT is EIO, ENOSPC, SHORT (half of it is written, the call says so) or KILL (the process dies before the call).
 * TORN_ONLY limits both to paths with that text. TORN_NO_DIRECT=1 refuses O_DIRECT, as tmpfs does. The journal's header
 * counts the calls, so that the harness can choose N. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR 512
#define FD_MAX 4096
#define JOURNAL_BYTES (1ULL << 31) /* Sparse. */

struct journal_header {
    uint64_t magic;    /* "TORNJRN1" */
    uint64_t end;      /* Behind the last entry. */
    uint64_t writes;   /* Calls seen. */
    uint64_t syncs;
    uint64_t overflow; /* The journal was too small: the run proves nothing. */
    uint64_t pad[3];
};

/* Followed by `bytes` of what was there before (whole sectors; beyond the old end of the file: zeros). */
struct entry {
    uint64_t inode;
    uint64_t offset;
    uint64_t bytes;
    uint64_t old_size;
    uint64_t new_size; /* Larger than old_size when the write extends the file. */
    uint64_t durable;
};

struct tracked {
    int on;
    int each_write; /* O_DSYNC or O_SYNC. */
    int append;
    int chosen;     /* Its path holds TORN_ONLY. */
    int reader;     /* Reads through the page cache whatever the flags of the file. */
    uint64_t inode;
};

static struct tracked files[FD_MAX];
static struct journal_header *journal;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static size_t folder_length;
static const char *only;
static int no_direct;
static char fail_call[8];
static char fail_what[8];
static uint64_t fail_at;
static uint64_t fail_count;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_sync_file_range)(int, off_t, off_t, unsigned);
static int (*real_ftruncate)(int, off_t);
static int (*real_fallocate)(int, int, off_t, off_t);
static int (*real_posix_fallocate)(int, off_t, off_t);

#define RESOLVE(name) *(void **)(&real_##name) = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    RESOLVE(open);
    RESOLVE(openat);
    RESOLVE(close);
    RESOLVE(write);
    RESOLVE(pwrite);
    RESOLVE(writev);
    RESOLVE(pwritev);
    RESOLVE(fsync);
    RESOLVE(fdatasync);
    RESOLVE(sync_file_range);
    RESOLVE(ftruncate);
    RESOLVE(fallocate);
    RESOLVE(posix_fallocate);
    const char *under = getenv("TORN_FOLDER");
    const char *path = getenv("TORN_JOURNAL");
    if (under == NULL || path == NULL || realpath(under, folder) == NULL) {
        return;
    }
    folder_length = strlen(folder);
    only = getenv("TORN_ONLY");
    no_direct = getenv("TORN_NO_DIRECT") != NULL;
    const char *fail = getenv("TORN_FAIL");
    if (fail != NULL) {
        unsigned long long at = 0;
        if (sscanf(fail, "%7[^:]:%llu:%7s", fail_call, &at, fail_what) == 3) {
            fail_at = at;
        }
    }
    int fd = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || real_ftruncate(fd, JOURNAL_BYTES) != 0) {
        _exit(99);
    }
    journal = mmap(NULL, JOURNAL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    real_close(fd);
    if (journal == MAP_FAILED) {
        _exit(99);
    }
    journal->end = sizeof(struct journal_header);
    journal->magic = 0x314E524A4E524F54ULL;
}

static void track(int fd, int flags) {
    char link[64];
    char path[PATH_MAX];
    struct stat info;
    if (fd < 0 || fd >= FD_MAX) {
        return;
    }
    files[fd].on = 0;
    if (journal == NULL || (flags & O_ACCMODE) == O_RDONLY || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        return;
    }
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof(path) - 1);
    if (n <= 0) {
        return;
    }
    path[n] = '\0';
    if (strncmp(path, folder, folder_length) != 0) {
        return;
    }
    const char *name = strrchr(path, '/') + 1;
    if (strncmp(name, "LOG", 3) == 0) {
        return; /* RocksDB's own diary: nobody relies on it. */
    }
    struct tracked file = {.on = 1,
                           .each_write = (flags & (O_DSYNC | O_SYNC)) != 0,
                           .append = (flags & O_APPEND) != 0,
                           .chosen = only == NULL || strstr(path, only) != NULL,
                           .inode = info.st_ino};
    file.reader = real_open(link, O_RDONLY | O_CLOEXEC);
    files[fd] = file;
}

static struct tracked *tracked(int fd) {
    return journal != NULL && fd >= 0 && fd < FD_MAX && files[fd].on ? &files[fd] : NULL;
}

/* With the lock. Room for an entry, or NULL. */
static struct entry *new_entry(uint64_t bytes) {
    uint64_t need = sizeof(struct entry) + bytes;
    if (journal->end + need > JOURNAL_BYTES) {
        journal->overflow = 1;
        return NULL;
    }
    struct entry *entry = (struct entry *)((char *)journal + journal->end);
    memset(entry, 0, sizeof(*entry));
    entry->bytes = bytes;
    return entry;
}

/* Takes down what `length` bytes at `offset` replace. The entry counts from here on. */
static struct entry *before_write(struct tracked *file, off_t offset, size_t length) {
    struct stat info;
    uint64_t first = (uint64_t)offset / SECTOR * SECTOR;
    uint64_t last = ((uint64_t)offset + length + SECTOR - 1) / SECTOR * SECTOR;
    pthread_mutex_lock(&mutex);
    struct entry *entry = new_entry(last - first);
    if (entry != NULL && fstat(file->reader, &info) == 0) {
        char *out = (char *)(entry + 1);
        uint64_t done = 0;
        while (done < entry->bytes) {
            ssize_t n = pread(file->reader, out + done, entry->bytes - done, (off_t)(first + done));
            if (n <= 0) {
                break;
            }
            done += (uint64_t)n;
        }
        memset(out + done, 0, entry->bytes - done);
        entry->inode = file->inode;
        entry->offset = first;
        entry->old_size = (uint64_t)info.st_size;
        entry->new_size = (uint64_t)offset + length;
        __atomic_store_n(&journal->end, journal->end + sizeof(*entry) + entry->bytes, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&mutex);
    return entry;
}

/* With the lock: durable entries at the end are dropped, so that the journal stays small. */
static void forget_durable(void) {
    uint64_t at = sizeof(struct journal_header);
    uint64_t keep = at;
    while (at < journal->end) {
        struct entry *entry = (struct entry *)((char *)journal + at);
        at += sizeof(*entry) + entry->bytes;
        if (!entry->durable) {
            keep = at;
        }
    }
    journal->end = keep;
}

static void after_write(struct tracked *file, struct entry *entry) {
    if (file->each_write && entry != NULL) {
        pthread_mutex_lock(&mutex);
        entry->durable = 1;
        if ((char *)entry + sizeof(*entry) + entry->bytes == (char *)journal + journal->end) {
            journal->end = (uint64_t)((char *)entry - (char *)journal);
        }
        pthread_mutex_unlock(&mutex);
    }
}

/* Entries written before `end` of this inode are on the disk now. */
static void synced(uint64_t inode, uint64_t end) {
    pthread_mutex_lock(&mutex);
    for (uint64_t at = sizeof(struct journal_header); at < end && at < journal->end;) {
        struct entry *entry = (struct entry *)((char *)journal + at);
        if (entry->inode == inode) {
            entry->durable = 1;
        }
        at += sizeof(*entry) + entry->bytes;
    }
    forget_durable();
    pthread_mutex_unlock(&mutex);
}

/* 0, or the error to give; -1 means a short write. */
static int fault(const char *call, struct tracked *file, uint64_t *seen) {
    if (!file->chosen) {
        return 0;
    }
    __atomic_add_fetch(seen, 1, __ATOMIC_RELAXED);
    if (fail_at == 0 || (strcmp(fail_call, "all") != 0 && strcmp(fail_call, call) != 0) ||
        __atomic_add_fetch(&fail_count, 1, __ATOMIC_RELAXED) != fail_at) {
        return 0;
    }
    if (strcmp(fail_what, "KILL") == 0) {
        kill(getpid(), SIGKILL);
        pause();
    }
    if (strcmp(fail_what, "SHORT") == 0) {
        return strcmp(call, "write") == 0 ? -1 : EIO;
    }
    return strcmp(fail_what, "ENOSPC") == 0 ? ENOSPC : EIO;
}

static int opened(int fd, int flags) {
    int error = errno;
    if (fd >= 0) {
        track(fd, flags);
    }
    errno = error;
    return fd;
}

static int refuses_direct(int flags) {
    return no_direct && (flags & O_DIRECT) != 0;
}

static mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    if (refuses_direct(flags)) {
        errno = EINVAL;
        return -1;
    }
    return opened(real_open(path, flags, mode), flags);
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open(path, flags, mode);
}

int openat(int folder_fd, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    if (refuses_direct(flags)) {
        errno = EINVAL;
        return -1;
    }
    return opened(real_openat(folder_fd, path, flags, mode), flags);
}

int openat64(int folder_fd, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return openat(folder_fd, path, flags, mode);
}

int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
    struct tracked *file = tracked(fd);
    if (file != NULL) {
        file->on = 0;
        real_close(file->reader);
    }
    return real_close(fd);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    struct tracked *file = tracked(fd);
    if (file == NULL) {
        return real_pwrite(fd, data, length, offset);
    }
    int error = fault("write", file, &journal->writes);
    if (error > 0) {
        errno = error;
        return -1;
    }
    if (error < 0) {
        length = length > SECTOR ? length / 2 / SECTOR * SECTOR : length / 2;
    }
    struct entry *entry = before_write(file, offset, length);
    ssize_t n = real_pwrite(fd, data, length, offset);
    after_write(file, entry);
    return n;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) {
    return pwrite(fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length) {
    struct tracked *file = tracked(fd);
    if (file == NULL) {
        return real_write(fd, data, length);
    }
    int error = fault("write", file, &journal->writes);
    if (error > 0) {
        errno = error;
        return -1;
    }
    if (error < 0) {
        length = length / 2;
    }
    struct stat info;
    off_t offset = lseek(fd, 0, SEEK_CUR);
    if (file->append && fstat(fd, &info) == 0) {
        offset = info.st_size;
    }
    struct entry *entry = before_write(file, offset, length);
    ssize_t n = real_write(fd, data, length);
    after_write(file, entry);
    return n;
}

static ssize_t gathered(int fd, const struct iovec *parts, int count, off_t offset, int positioned) {
    size_t length = 0;
    for (int i = 0; i < count; ++i) {
        length += parts[i].iov_len;
    }
    char *all = malloc(length == 0 ? 1 : length);
    size_t done = 0;
    for (int i = 0; i < count; ++i) {
        memcpy(all + done, parts[i].iov_base, parts[i].iov_len);
        done += parts[i].iov_len;
    }
    ssize_t n = positioned ? pwrite(fd, all, length, offset) : write(fd, all, length);
    free(all);
    return n;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    return tracked(fd) == NULL ? real_writev(fd, parts, count) : gathered(fd, parts, count, 0, 0);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    return tracked(fd) == NULL ? real_pwritev(fd, parts, count, offset) : gathered(fd, parts, count, offset, 1);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
    return pwritev(fd, parts, count, offset);
}

static int sync_call(int fd, int (*real)(int)) {
    struct stat info;
    struct tracked *file = tracked(fd);
    if (journal == NULL) {
        return real(fd);
    }
    if (file != NULL) {
        int error = fault("sync", file, &journal->syncs);
        if (error != 0) {
            errno = error > 0 ? error : EIO;
            return -1;
        }
    }
    uint64_t end = __atomic_load_n(&journal->end, __ATOMIC_ACQUIRE);
    int result = real(fd);
    if (result == 0 && fstat(fd, &info) == 0) {
        synced(info.st_ino, end); /* Whichever descriptor of the file the data went through. */
    }
    return result;
}

int fsync(int fd) { return sync_call(fd, real_fsync); }

int fdatasync(int fd) { return sync_call(fd, real_fdatasync); }

/* Promises nothing about the size or the device's cache: not a sync. */
int sync_file_range(int fd, off_t offset, off_t length, unsigned flags) {
    return real_sync_file_range(fd, offset, length, flags);
}

/* The sectors keep what they hold, only the size is in doubt. */
static void size_changes(struct tracked *file, uint64_t new_size) {
    struct stat info;
    pthread_mutex_lock(&mutex);
    struct entry *entry = new_entry(0);
    if (entry != NULL && fstat(file->reader, &info) == 0) {
        entry->inode = file->inode;
        entry->old_size = (uint64_t)info.st_size;
        entry->new_size = new_size;
        journal->end += sizeof(*entry);
    }
    pthread_mutex_unlock(&mutex);
}

int ftruncate(int fd, off_t length) {
    struct tracked *file = tracked(fd);
    struct stat info;
    if (file != NULL && fstat(fd, &info) == 0 && length > info.st_size) {
        size_changes(file, (uint64_t)length);
    }
    return real_ftruncate(fd, length);
}

int ftruncate64(int fd, off_t length) { return ftruncate(fd, length); }

int fallocate(int fd, int mode, off_t offset, off_t length) {
    struct tracked *file = tracked(fd);
    struct stat info;
    if (file != NULL && mode == 0 && fstat(fd, &info) == 0 && offset + length > info.st_size && !file->each_write) {
        size_changes(file, (uint64_t)(offset + length));
    }
    return real_fallocate(fd, mode, offset, length);
}

int fallocate64(int fd, int mode, off_t offset, off_t length) { return fallocate(fd, mode, offset, length); }

int posix_fallocate(int fd, off_t offset, off_t length) {
    struct tracked *file = tracked(fd);
    struct stat info;
    if (file != NULL && fstat(fd, &info) == 0 && offset + length > info.st_size) {
        size_changes(file, (uint64_t)(offset + length));
    }
    return real_posix_fallocate(fd, offset, length);
}

int posix_fallocate64(int fd, off_t offset, off_t length) { return posix_fallocate(fd, offset, length); }
