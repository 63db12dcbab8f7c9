"""The harness side of torn.c: builds the shim, sets its environment, puts back what was not durable."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

SECTOR = 512
HEADER = struct.Struct("<8Q")  # magic, end, writes, syncs, overflow, pad
ENTRY = struct.Struct("<6Q")  # inode, offset, bytes, old_size, new_size, durable
KEEP = (0.0, 0.3, 0.7, 0.95)  # How likely an unsynced sector survives; one is drawn per power cut.


@dataclass
class Undone:
    """What one power cut took away."""

    sectors: int = 0
    kept: int = 0
    sizes: int = 0


class Shim:
    """The compiled shim and its journal, in a folder of their own. Close it at the end."""

    def __init__(self) -> None:
        # Shared memory: the journal is written far more often than the disk.
        place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix="aiml042-torn-", dir=place))
        self.library = self.folder / "torn.so"
        self.journal = self.folder / "journal"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(self.library),
                        str(Path(__file__).with_name("torn.c")), "-ldl", "-lpthread"], check=True)

    def close(self) -> None:
        """Removes library and journal."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, data: str, *, fail: Optional[str] = None, only: Optional[str] = None,
                    direct: bool = True) -> dict[str, str]:
        """What the process under test needs. Empties the journal."""
        self.journal.unlink(missing_ok=True)
        env = {"LD_PRELOAD": str(self.library), "TORN_FOLDER": data, "TORN_JOURNAL": str(self.journal)}
        if fail is not None:
            env["TORN_FAIL"] = fail
        if only is not None:
            env["TORN_ONLY"] = only
        if not direct:
            env["TORN_NO_DIRECT"] = "1"
        return env

    def counts(self) -> tuple[int, int]:
        """Writes and syncs that the last run made."""
        with open(self.journal, "rb") as file:
            _, _, writes, syncs, *_ = HEADER.unpack(file.read(HEADER.size))
        return writes, syncs

    def power_cut(self, data: str, rng: random.Random) -> Undone:
        """Call when the process is dead: a random part of what it never synced is gone."""
        keep = rng.choice(KEEP)
        undone = Undone()
        paths = {os.stat(path).st_ino: path for path in Path(data).rglob("*") if path.is_file()}
        for inode, entries in self._lost(undone).items():
            if inode in paths:
                _undo(paths[inode], entries, keep, rng, undone)
        return undone

    def _lost(self, undone: Undone) -> dict[int, list[tuple[int, int, int, bytes]]]:
        lost: dict[int, list[tuple[int, int, int, bytes]]] = defaultdict(list)
        with open(self.journal, "rb") as file:
            _, end, _, _, overflow, *_ = HEADER.unpack(file.read(HEADER.size))
            if overflow:
                raise RuntimeError("the journal of the shim was too small")
            file.seek(HEADER.size)
            while file.tell() < end:
                inode, offset, size, old_size, new_size, durable = ENTRY.unpack(file.read(ENTRY.size))
                if durable:
                    file.seek(size, os.SEEK_CUR)
                else:
                    lost[inode].append((offset, old_size, new_size, file.read(size)))
        return lost


def _undo(path: Path, entries: list[tuple[int, int, int, bytes]], keep: float, rng: random.Random,
          undone: Undone) -> None:
    """Each sector holds what it holds now, or any of the states it had since the last sync."""
    before: dict[int, list[bytes]] = defaultdict(list)
    sizes = []
    for offset, old_size, new_size, content in entries:
        for at in range(0, len(content), SECTOR):
            before[offset + at].append(content[at:at + SECTOR])
        if new_size > old_size:
            sizes.append(old_size)
    with open(path, "r+b") as file:
        size = os.fstat(file.fileno()).st_size
        for at, states in before.items():
            if rng.random() < keep:
                undone.kept += 1
            elif at < size:
                undone.sectors += 1
                file.seek(at)
                file.write(rng.choice([states[0], *states])[:size - at])
        file.flush()
        if sizes and rng.random() >= keep:
            size_then = rng.choice([min(sizes), *sizes])
            if size_then < size:
                undone.sizes += 1
                os.ftruncate(file.fileno(), size_then)
