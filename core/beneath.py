"""Opening a folder below another in one step, with the kernel's own word that no link was followed.

Linux 5.6 and later resolve a whole path under such rules (openat2(2)); where a kernel or a container does
not offer it, `safe_path` walks there a folder at a time.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable
from functools import cache

# The number is the same on every architecture of the last years; another one answers "no such call".
_OPENAT2 = 437
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# struct open_how: flags, mode, resolve.
_HOW = struct.pack("=QQQ", _FOLDER, 0, _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH)


@cache
def kernel_resolves() -> bool:
    """Whether this kernel, in this container, opens paths beneath a folder (tried once)."""
    if sys.platform != "linux":
        return False
    try:
        root = os.open("/", _FOLDER)
    except OSError:
        return False
    try:
        os.close(open_beneath(root, "."))
    except (ImportError, OSError):
        return False
    finally:
        os.close(root)
    return True


def open_beneath(folder: int, path: str) -> int:
    """An open folder at `path` below the open `folder`, reached through no link of any kind.

    OSError: ELOOP for a link, EXDEV for a way out, EAGAIN when something on the way was renamed meanwhile.
    """
    handle, fault = _openat2()(folder, os.fsencode(path))
    if handle < 0:
        raise OSError(fault, os.strerror(fault), path)
    return handle


@cache
def _openat2() -> Callable[[int, bytes], tuple[int, int]]:
    """Gives the handle, or -1, and the number of the fault."""
    import ctypes

    call = ctypes.CDLL(None, use_errno=True).syscall
    call.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t)
    call.restype = ctypes.c_long

    def openat2(folder: int, path: bytes) -> tuple[int, int]:
        handle: int = call(_OPENAT2, folder, path, _HOW, len(_HOW))
        return handle, ctypes.get_errno()

    return openat2
