"""A small file system for the disk-full scenarios: a loop-mounted ext4 where root allows, else a tmpfs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Optional


class SmallDisk:
    """`with SmallDisk(mib) as disk:` gives `disk.data` on it; `disk.fill(leave)` and `disk.free()`."""

    def __init__(self, mib: int, kinds: tuple[str, ...] = ("ext4", "tmpfs")) -> None:
        self.kinds = kinds
        self.folder = Path(tempfile.mkdtemp(prefix="aiml042-small-"))
        self.mount = self.folder / "mount"
        self.data = str(self.mount / "data")
        self.ballast = self.mount / "ballast"
        self.kind: Optional[str] = None
        self.mib = mib

    def __enter__(self) -> SmallDisk:
        self.mount.mkdir()
        image = self.folder / "image"
        for kind, commands in {
            "ext4": [["truncate", "-s", f"{self.mib}M", str(image)], ["mkfs.ext4", "-q", "-m", "0", str(image)],
                     ["mount", "-o", "loop", str(image), str(self.mount)]],
            "tmpfs": [["mount", "-t", "tmpfs", "-o", f"size={self.mib}m", "aiml042", str(self.mount)]],
        }.items():
            if kind not in self.kinds:
                continue
            try:
                if all(subprocess.run(c, capture_output=True, check=False).returncode == 0 for c in commands):
                    self.kind = kind
                    os.mkdir(self.data, 0o700)
                    return self
            except FileNotFoundError:
                continue
        return self

    def __exit__(self, *_: object) -> None:
        if self.kind is not None:
            subprocess.run(["umount", "-l", str(self.mount)], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def available(self) -> int:
        """Bytes that can still be written."""
        stat = os.statvfs(self.mount)
        return stat.f_bavail * stat.f_frsize

    def fill(self, leave: int) -> None:
        """Takes all but `leave` bytes away."""
        size = self.available() - leave
        if size > 0:
            with open(self.ballast, "ab") as file:
                end = os.fstat(file.fileno()).st_size
                os.posix_fallocate(file.fileno(), end, size)

    def fill_up(self) -> None:
        """Takes all there is, to the last block."""
        with open(self.ballast, "ab", buffering=0) as file:
            piece = 16 << 20
            while piece >= 4096:
                try:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, piece)
                except OSError:
                    piece //= 2
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass

    def free(self) -> None:
        """Gives them back."""
        self.ballast.unlink(missing_ok=True)
