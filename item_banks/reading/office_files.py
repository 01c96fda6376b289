"""Office files that are given where rows of text are wanted: told by their content, since a name may say anything."""

from collections.abc import Mapping
from typing import Final, Literal

OfficeFile = Literal["excel", "libreoffice", "other"]
"""Whose spreadsheet it is; "other": a document, or what another program keeps for itself."""

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"
_WORKBOOK = "Workbook".encode("utf-16-le")
"""The stream of every .xls since Excel 97, as its directory names it."""

SAVE_AS: Final[Mapping[OfficeFile, str]] = {
    "excel": "this is a spreadsheet file: in Excel choose File, Save As, “CSV UTF-8”, and give that file",
    "libreoffice": "this is a spreadsheet file: in LibreOffice choose File, Save As, “Text CSV”, UTF-8, and give "
    "that file",
    "other": "this is no text file: save it as CSV (UTF-8) in the program that made it, and give that file",
}
"""What to do about it, for those at a command line."""


def office_file(data: bytes) -> OfficeFile | None:
    """What a file is that holds no rows of text; None for one that may. A package names its parts as they are."""
    if data.startswith(_OLE):
        return "excel" if _WORKBOOK in data else "other"
    if data.startswith(_ZIP):
        if b"xl/workbook." in data:
            return "excel"
        return "libreoffice" if b"opendocument.spreadsheet" in data[:200] else "other"
    return "other" if data.startswith(_PDF) else None
