"""Files as Excel, LibreOffice and others save them when nobody chose CSV."""

import io
import zipfile
from typing import Final


def _package(*parts: tuple[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts:
            package.writestr(name, content)
    return packed.getvalue()


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016)
EXCEL: Final = _package(("[Content_Types].xml", "<Types/>"), ("_rels/.rels", ""), ("xl/workbook.xml", "<workbook/>"))
OLD_EXCEL: Final = _OLE + "Root Entry".encode("utf-16-le") + "Workbook".encode("utf-16-le")
LIBREOFFICE: Final = _package(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<x/>"))
WORD: Final = _package(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<document/>"))
PDF: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"
