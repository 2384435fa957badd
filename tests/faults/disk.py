"""A disk that loses power: a layer under SQLite that logs every write and sync, and makes of the log what a power cut may leave.

Between two syncs of a file the disk may have written anything of what it was given, in any order, and of a write any of its sectors. What
was synced stays. The layer is a VFS of SQLite, made of the default one by replacing three of its functions, so that the product runs
unchanged on it. Source: https://www.sqlite.org/vfs.html, https://www.sqlite.org/atomiccommit.html (what SQLite expects of a disk).
"""

from __future__ import annotations

import _sqlite3
import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

SECTOR = 512
OK = 0

_POINTERS_OF_METHODS = 18  # io_methods, version 3
_WRITE, _TRUNCATE, _SYNC = 2, 3, 4
_POINTERS_OF_VFS = 16  # functions of version 3
_OPEN, _DELETE = 0, 1


class _Methods(ctypes.Structure):
    _fields_ = (("version", ctypes.c_int), ("functions", ctypes.c_void_p * _POINTERS_OF_METHODS))


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("path_max", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("functions", ctypes.c_void_p * _POINTERS_OF_VFS),
    )


# A path stays a pointer: SQLite keeps the one that it opens a file by, and names other files after it later.
_OpenFunction = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(_File), ctypes.c_int, ctypes.c_void_p)
_DeleteFunction = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
_WriteFunction = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_TruncateFunction = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
_SyncFunction = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes at an offset; None: the file ends there now."""

    file: str
    offset: int
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Delete:
    """A file is gone; where its folder is not synced, for sure only once another file is."""

    file: str
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Sync:
    """All that was written to the file before is on the disk."""

    file: str


@dataclass
class Disk:
    """What was asked of the files of one folder, in order."""

    folder: Path
    log: list[Write | Delete | Sync] = field(default_factory=list)

    def after_power_cut(self, at: int, random: Random, target: Path) -> None:
        """Write what may be left where power went after `at` entries of the log."""
        image = _Image()
        for entry in self.log[:at]:
            image.take(entry)
        image.lose_power(random)
        target.mkdir()
        for name, content in image.files.items():
            (target / name).write_bytes(content)


class _Image:
    """What is on the disk for sure, and what may be."""

    def __init__(self) -> None:
        self.files: dict[str, bytearray] = {}
        self._unsynced: dict[str, list[Write]] = {}
        self._deleted: set[str] = set()

    def take(self, entry: Write | Delete | Sync) -> None:
        """Do what was asked of the disk."""
        if isinstance(entry, Write):
            self._deleted.discard(entry.file)
            self._unsynced.setdefault(entry.file, []).append(entry)
        elif isinstance(entry, Delete):
            self._deleted.add(entry.file)
            if entry.is_synced:
                self._sync_names()
        else:
            self._sync_names()  # file systems with a journal write it in order, names included
            for write in self._unsynced.pop(entry.file, []):
                _apply(self.files.setdefault(write.file, bytearray()), write)

    def lose_power(self, random: Random) -> None:
        """Of what is not synced some is there, some not, and some in part."""
        share = random.choice((0.0, 0.5, 0.9, 1.0))
        for name, writes in self._unsynced.items():
            content = self.files.setdefault(name, bytearray())
            for write in writes:
                if random.random() < share:
                    _apply(content, write)
                elif random.random() < 0.5:
                    for sector in _some_sectors(write, random):
                        _apply(content, sector)
        self._deleted = {name for name in self._deleted if random.random() < 0.5}
        self._sync_names()

    def _sync_names(self) -> None:
        for name in self._deleted:
            self.files.pop(name, None)
            self._unsynced.pop(name, None)
        self._deleted = set()


def _some_sectors(write: Write, random: Random) -> Iterator[Write]:
    for start in range(0, len(write.data or b""), SECTOR):
        if random.random() < 0.5:
            yield Write(write.file, write.offset + start, (write.data or b"")[start : start + SECTOR])


def _apply(content: bytearray, write: Write) -> None:
    if write.data is None:
        del content[write.offset :]
        return
    end = write.offset + len(write.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[write.offset : end] = write.data


@contextmanager
def logging(folder: Path) -> Iterator[Disk]:
    """While the block runs, all that SQLite writes below the folder is logged."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    default = library.sqlite3_vfs_find(None)
    vfs = _Vfs.from_buffer_copy(default.contents)
    vfs.name = b"logging"
    disk = Disk(folder)
    layer = _Layer(disk, default.contents)
    vfs.functions[_OPEN] = ctypes.cast(layer.open_function, ctypes.c_void_p).value
    vfs.functions[_DELETE] = ctypes.cast(layer.delete_function, ctypes.c_void_p).value
    library.sqlite3_vfs_register(ctypes.byref(vfs), 1)
    try:
        yield disk
    finally:
        library.sqlite3_vfs_register(default, 1)
        _KEPT.append((vfs, layer))  # whoever still has a file open calls into it


_KEPT: list[Any] = []


class _Layer:
    """The replaced functions, each of which logs and calls what it replaces."""

    def __init__(self, disk: Disk, default: _Vfs) -> None:
        self._disk = disk
        self._default_open = _OpenFunction(default.functions[_OPEN])
        self._default_delete = _DeleteFunction(default.functions[_DELETE])
        self.open_function = _OpenFunction(self._open)
        self.delete_function = _DeleteFunction(self._delete)
        self._methods: dict[str, Any] = {}

    def _open(self, vfs: int, pointer: int | None, file: Any, flags: int, told: int) -> int:
        code = int(self._default_open(vfs, pointer, file, flags, told))
        path = Path(os.fsdecode(ctypes.string_at(pointer))) if pointer else Path()
        if code == OK and file.contents.methods and path.parent == self._disk.folder:
            name = path.name
            if name not in self._methods:
                self._methods[name] = self._logging_methods(name, file.contents.methods.contents)
            file.contents.methods = ctypes.pointer(self._methods[name][0])
        return code

    def _delete(self, vfs: int, path: bytes, sync_folder: int) -> int:
        code = int(self._default_delete(vfs, path, sync_folder))
        if code == OK and Path(os.fsdecode(path)).parent == self._disk.folder:
            self._disk.log.append(Delete(Path(os.fsdecode(path)).name, bool(sync_folder)))
        return code

    def _logging_methods(self, name: str, default: _Methods) -> Any:
        methods = _Methods.from_buffer_copy(default)
        log = self._disk.log
        write_default = _WriteFunction(default.functions[_WRITE])
        truncate_default = _TruncateFunction(default.functions[_TRUNCATE])
        sync_default = _SyncFunction(default.functions[_SYNC])

        def write(file: int, data: int, size: int, offset: int) -> int:
            log.append(Write(name, offset, ctypes.string_at(data, size)))
            return int(write_default(file, data, size, offset))

        def truncate(file: int, size: int) -> int:
            log.append(Write(name, size, None))
            return int(truncate_default(file, size))

        def sync(file: int, flags: int) -> int:
            code = int(sync_default(file, flags))
            log.append(Sync(name))
            return code

        replaced = {_WRITE: _WriteFunction(write), _TRUNCATE: _TruncateFunction(truncate), _SYNC: _SyncFunction(sync)}
        for at, function in replaced.items():
            methods.functions[at] = ctypes.cast(function, ctypes.c_void_p).value
        return methods, replaced
