"""ZIP and TAR: their files one after another, in memory and never on disk, within limits."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, Literal

from index.errors import BylineError

MAX_MEMBERS = 100_000
MAX_UNPACKED = 4_000_000_000  # bytes of one archive
MAX_RATIO = 200  # unpacked to packed; text has about 5, a bomb over 1,000
_FREE = 10_000_000  # bytes that a member may unpack to whatever its ratio
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)

Member = tuple[str, Callable[[int], bytes]]  # its name, and what returns its bytes if they are no more than a limit


def split_zip(file: IO[bytes]) -> Iterator[Member]:
    """Yield the visible files of a ZIP; BylineError when it is damaged or has too many."""
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
    except _DAMAGE as error:
        raise BylineError(f"is no ZIP that can be opened ({error}); make it again") from None
    _refuse_many(len(entries))
    for entry in entries:
        if not entry.is_dir() and _is_visible(entry.filename):
            yield entry.filename, lambda most, entry=entry: _unzip(archive, entry, most)  # type: ignore[misc]


def split_tar(file: IO[bytes]) -> Iterator[Member]:
    """Yield the visible files of a TAR, packed or not, in one pass; each must be read before the next is asked for."""
    unpacked = 0
    mode: Literal["r|*"] = "r|*"
    try:
        with tarfile.open(fileobj=file, mode=mode) as archive:
            for number, entry in enumerate(archive, start=1):
                _refuse_many(number)
                unpacked += entry.size
                if unpacked > MAX_UNPACKED:
                    raise BylineError(f"unpacks to more than {MAX_UNPACKED // 1_000_000} MB; split it")
                if entry.isfile() and _is_visible(entry.name):
                    yield entry.name, lambda most, entry=entry: _untar(archive, entry, most)  # type: ignore[misc]
                archive.members = []  # type: ignore[attr-defined]  # or it would keep each one's header
    except _DAMAGE as error:
        raise BylineError(f"is no TAR that can be read to its end ({error}); make it again") from None


def checked_name(name: str) -> str:
    """Return a member's name as its place in the archive; BylineError if it points out of it."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        raise BylineError("is named as a file outside of the archive; nothing of it was read")
    return str(path)


def _is_visible(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return not any(part.startswith(".") and part.strip(".") for part in parts) and "__MACOSX" not in parts


def _refuse_many(count: int) -> None:
    if count > MAX_MEMBERS:
        raise BylineError(f"holds more than {MAX_MEMBERS:,} files; split it")


def _unzip(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    if entry.flag_bits & 1:
        raise BylineError("is locked with a password; make the archive without one")
    if entry.file_size > max(_FREE, MAX_RATIO * entry.compress_size):
        raise BylineError(f"would unpack to {entry.file_size:,} bytes from {entry.compress_size:,}: no text does")
    try:
        with archive.open(entry) as opened:
            return _bounded(opened, most)
    except _DAMAGE as error:
        raise BylineError(f"cannot be unpacked ({error}); make the archive again") from None


def _untar(archive: tarfile.TarFile, entry: tarfile.TarInfo, most: int) -> bytes:
    opened = archive.extractfile(entry)
    return _bounded(opened or io.BytesIO(), most)


def _bounded(file: IO[bytes], most: int) -> bytes:
    """Read no more than `most` bytes, whatever the headers say."""
    data = file.read(most + 1)
    if len(data) > most:
        raise BylineError(f"has more than {most // 1_000_000} MB; split it into its articles")
    return data
