"""A spreadsheet or a document given where rows of text are wanted is told from them."""

import pytest

from item_banks.reading.office_files import office_file
from tests.support.office import EXCEL, LIBREOFFICE, OLD_EXCEL, PDF, WORD


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (EXCEL, "excel"),
        (OLD_EXCEL, "excel"),
        (OLD_EXCEL[:1024], "other"),
        (LIBREOFFICE, "libreoffice"),
        (WORD, "other"),
        (PDF, "other"),
        (b"PK, the initials of a pupil", None),
        ("word,sentence\ntrain,The train is late.".encode("utf-16"), None),
        (b"", None),
    ],
)
def test_a_file_is_told_by_its_content(data: bytes, kind: str | None) -> None:
    assert office_file(data) == kind
