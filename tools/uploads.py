"""Files that customers hand in: how many, how large, of which kind."""

import re
from pathlib import PurePosixPath

MAX_FILES = 10
MAX_FILE_MEGABYTES = 10
MAX_FILE_BYTES = MAX_FILE_MEGABYTES * 1024 * 1024
#: All files together and some room for the text of the form.
MAX_REQUEST_BYTES = MAX_FILES * MAX_FILE_BYTES + 1024 * 1024

_ZIP = ((0, b"PK\x03\x04"),)
_OLE = ((0, b"\xd0\xcf\x11\xe0"),)
_BOX = ((4, b"ftyp"),)
_JPEG = ((0, b"\xff\xd8\xff"),)
_TIFF = ((0, b"II*\x00"), (0, b"MM\x00*"))

#: Kinds of files that can carry evidence, by extension, and how their content begins.
#: Nothing is said of those that begin in many ways.
KINDS = {
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "gif": ((0, b"GIF8"),),
    "webp": ((8, b"WEBP"),),
    "bmp": ((0, b"BM"),),
    "tif": _TIFF,
    "tiff": _TIFF,
    "heic": _BOX,
    "heif": _BOX,
    "pdf": ((0, b"%PDF-"),),
    "docx": _ZIP,
    "xlsx": _ZIP,
    "pptx": _ZIP,
    "odt": _ZIP,
    "ods": _ZIP,
    "odp": _ZIP,
    "doc": _OLE,
    "xls": _OLE,
    "ppt": _OLE,
    "msg": _OLE,
    "rtf": ((0, b"{\\rtf"),),
    "txt": (),
    "csv": (),
    "eml": (),
    "mp3": (),
    "amr": (),
    "m4a": _BOX,
    "ogg": ((0, b"OggS"),),
    "wav": ((8, b"WAVE"),),
    "mp4": _BOX,
    "mov": _BOX,
    "3gp": _BOX,
    "webm": ((0, b"\x1a\x45\xdf\xa3"),),
}
#: For the browser's file dialogue.
ACCEPT = ",".join(f".{extension}" for extension in KINDS)

_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")


class UploadError(Exception):
    """A file that is not taken; ``reason`` is many, large, kind or empty."""

    def __init__(self, reason, name=""):
        super().__init__(reason)
        self.reason = reason
        self.name = name


def limits():
    """What a form tells of them."""
    return {"files": MAX_FILES, "megabytes": MAX_FILE_MEGABYTES, "accept": ACCEPT}


def in_words(env, error, most=MAX_FILES):
    """Why a file is not taken, for the customer; ``most`` as in read_uploads."""
    words = {
        "many": env._("Please attach %(count)s files at most."),
        "large": env._("“%(name)s” is larger than %(size)s MB."),
        "empty": env._("“%(name)s” is empty."),
        "kind": env._(
            "“%(name)s” cannot be taken. Please attach photos, videos, recordings, "
            "PDF, text or office documents."
        ),
    }
    return words[error.reason] % {
        "name": error.name,
        "count": most,
        "size": MAX_FILE_MEGABYTES,
    }


def read_uploads(uploads, most=MAX_FILES):
    """Read the files of a form into memory, each up to the limit.

    :param uploads: file storages of the request
    :param int most: how many files are taken
    :return: list of dict with name and raw; fields left empty are passed over
    :raises UploadError: for the first file that is not taken
    """
    uploads = [upload for upload in uploads if upload.filename]
    if len(uploads) > most:
        raise UploadError("many")
    return [read_upload(upload) for upload in uploads]


def read_upload(upload):
    """Read one file; see :func:`read_uploads`."""
    name = clean_name(upload.filename)
    # Odoo rewinds only the first file of a field when it runs a request again.
    upload.stream.seek(0)
    raw = upload.stream.read(MAX_FILE_BYTES + 1)
    if len(raw) > MAX_FILE_BYTES:
        raise UploadError("large", name)
    if not raw:
        raise UploadError("empty", name)
    if not is_welcome(name, raw):
        raise UploadError("kind", name)
    return {"name": name, "raw": raw}


def clean_name(filename):
    """The last part of a file name, without characters that confuse people."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    name = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name).strip(" .")
    if len(name) > 120:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[:100]}{dot}{extension[:10]}"
    return name


def is_welcome(name, raw):
    """Whether a file is of a kind that is taken, by its name and by its content."""
    stem, _dot, extension = name.rpartition(".")
    signatures = KINDS.get(extension.lower())
    if not stem or signatures is None or raw.startswith(_PROGRAMS):
        return False
    return not signatures or any(
        raw.startswith(beginning, offset) for offset, beginning in signatures
    )
