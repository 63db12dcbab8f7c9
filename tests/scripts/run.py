"""scripts/pack_web.py: what is packed comes out of the compiled file byte by byte, with the right type, tag and caching."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts" / "pack_web.py"
# Prints every asset as a line of JSON, bytes in hex.
PROGRAM = r"""
#include <cstdio>
#include <string_view>
#include "api/web_assets.h"
void hex(std::string_view bytes) { for (const char c : bytes) { std::printf("%02x", static_cast<unsigned>(static_cast<unsigned char>(c))); } }
void text(const char* name, std::string_view value) {
  std::printf("\"%s\":\"", name);
  for (const char c : value) { if (c == '"' || c == '\\') { std::putchar('\\'); } std::putchar(c); }
  std::printf("\",");
}
int main() {
  for (const auto& asset : aiml042::api::web_assets()) {
    std::printf("{");
    text("path", asset.path); text("type", asset.content_type); text("etag", asset.etag);
    std::printf("\"immutable\":%s,\"size\":%zu,\"plain\":\"", asset.immutable ? "true" : "false", static_cast<std::size_t>(asset.identity_size));
    hex(asset.identity); std::printf("\",\"gzip\":\""); hex(asset.gzip); std::printf("\"}\n");
  }
}
"""


class Test:
    """The counts."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def check(self, what: str, good: bool, seen: object = "") -> None:
        """Counts one expectation."""
        self.passed += good
        self.failed += not good
        if not good:
            print(f"  {what}: {str(seen)[:400]}")


def pack(dist: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Runs the script."""
    return subprocess.run([sys.executable, str(SCRIPT), str(dist), str(out)], capture_output=True, text=True, check=False)


def site(dist: Path) -> dict[str, bytes]:
    """A folder as the page's build makes it, with what C++ literals find hard."""
    rng = random.Random(42)
    files = {
        "index.html": b"<!doctype html>" + b"<p>again</p>" * 500,
        "assets/app-1a2b.js": "const ä = \"??=\\\"; // \0\x01 9\n".encode() * 300,
        "assets/noise-3c4d.woff2": rng.randbytes(5000),
        "assets/style-5e6f.css": bytes(range(256)) + b"0123456789" * 50,
        "favicon.svg": b"<svg/>", "robots.txt": b"", "icons/a b.png": bytes(range(255, -1, -1)),
    }
    for name, data in {**files, "manifest.json": b"{}", ".hidden": b"no", "assets/.vite": b"no"}.items():
        path = dist / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return files


def read_back(out: Path, base: Path) -> dict[str, dict[str, Any]]:
    """Compiles what was packed and asks it."""
    (base / "main.cpp").write_text(PROGRAM)
    subprocess.run(["c++", "-std=c++20", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'src'}", "-o", str(base / "show"), str(base / "main.cpp"), str(out)],
                   check=True)
    shown = subprocess.run([str(base / "show")], capture_output=True, check=True).stdout.decode()
    return {asset["path"]: asset for asset in map(json.loads, shown.splitlines())}


def round_trip(test: Test, base: Path) -> None:
    """Every file, as it was."""
    dist, out = base / "dist", base / "deep" / "er" / "assets.cpp"
    files = site(dist)
    done = pack(dist, out)
    test.check("packs", done.returncode == 0 and not done.stdout + done.stderr, done)
    assets = read_back(out, base)
    test.check("in ascending order", list(assets) == sorted(assets, key=str.encode), list(assets))
    test.check("every file and no other", set(assets) == {"/" + name for name in files}, assets.keys())
    for name, data in files.items():
        asset = assets.get("/" + name, {"plain": "", "gzip": ""})
        plain, packed = bytes.fromhex(asset["plain"]), bytes.fromhex(asset["gzip"])
        test.check(f"{name}: bytes", (gzip.decompress(packed) if packed else plain) == data and not (plain and packed))
        test.check(f"{name}: tag and size", asset.get("etag") == f'"{hashlib.sha256(data).hexdigest()[:32]}"' and asset["size"] == len(data), asset)
        test.check(f"{name}: immutable", asset.get("immutable") == name.startswith("assets/"), asset)
    kinds = {"/index.html": "text/html; charset=utf-8", "/assets/app-1a2b.js": "text/javascript; charset=utf-8", "/favicon.svg": "image/svg+xml",
             "/assets/noise-3c4d.woff2": "font/woff2", "/icons/a b.png": "image/png"}
    test.check("types", all(assets[path]["type"] == kind for path, kind in kinds.items()), assets)
    test.check("the page itself is plain, to be changed as it is served", assets["/index.html"]["plain"] != "")
    test.check("what shrinks is packed", assets["/assets/app-1a2b.js"]["gzip"] != "")
    test.check("noise is not", assets["/assets/noise-3c4d.woff2"]["plain"] != "")


def same_again(test: Test, base: Path) -> None:
    """The same folder gives the same file, which keeps its time; another folder another one."""
    dist, out, other = base / "dist", base / "deep" / "er" / "assets.cpp", base / "other.cpp"
    os.utime(out, (1, 1))
    before = out.read_bytes()
    pack(dist, out)
    test.check("the file keeps its time", out.stat().st_mtime == 1 and out.read_bytes() == before)
    for path in dist.rglob("*"):
        os.utime(path, (2, 2))
    pack(dist, other)
    test.check("the same bytes whenever it is packed", other.read_bytes() == before)
    (dist / "favicon.svg").write_bytes(b"<svg />")
    pack(dist, out)
    test.check("a change is seen", out.read_bytes() != before and out.stat().st_mtime != 1)


def mistakes(test: Test, base: Path) -> None:
    """Without a page, with a file of unknown type, with wrong arguments."""
    out = base / "plain.cpp"
    test.check("without the folder", pack(base / "absent", out).returncode == 0)
    assets = read_back(out, base)
    test.check("a plain page says so", list(assets) == ["/index.html"] and b"built without npm" in bytes.fromhex(assets["/index.html"]["plain"]))
    (base / "dist" / "model.bin").write_bytes(b"x")
    done = pack(base / "dist", out)
    test.check("an unknown type is named", done.returncode == 1 and "model.bin" in done.stderr and len(done.stderr.splitlines()) == 1, done)
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    test.check("usage", done.returncode == 2 and done.stderr.startswith("usage:"), done)


def main() -> int:
    """Runs all in one folder."""
    test = Test()
    with tempfile.TemporaryDirectory(prefix="aiml042-scripts-") as folder:
        for part in (round_trip, same_again, mistakes):
            part(test, Path(folder))
    print(f"{test.passed} passed, {test.failed} failed")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
