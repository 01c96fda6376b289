"""docs/papers/data-map.md, written from what the tables say of themselves: `python -m tests.support.data_map`."""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Table

from lti_tool.persistence.tables import Base

PAGE = Path(__file__).parents[2] / "docs" / "papers" / "data-map.md"
ENCRYPTED, HASHED = "encrypted_", "_hash"
HOW_LONG = {
    "display_name": "until in no class any more; `names_days` after the last launch at the latest",
    "launch_session": "30 days after it ended",
    "audit": "kept; whom it is about is taken out",
}
"""Where it is not the period of the table's person."""

HEAD = """# Data map

*For legal review. A description by those who make Proximal, not legal advice.*

Every table of the database, as the tables declare themselves (`lti_tool/persistence`). This page is written by `make
data-map`, and a test fails where it is not what the code says (`tests/unit/test_papers.py`), so it can't go stale.
Whose data an erasure deletes or pseudonymises is read from the same declarations (`lti_tool/persistence/erasure.py`),
and so is what an export gives out.

Where data comes from: the LMS's signed launches and class lists (user id, name, role, course), and what the person
does here. Where it goes: scores and a comment to the gradebook of that LMS; nowhere else. No processor, tracker or
other host takes part; the database stands where the district puts it. Beside the database, nothing is written about
people but JSON logs, which name nobody (`tests/unit/lti_tool/test_logs.py`), and files that an administrator exports.

*records* in the last column: `records_days` (1,095 days unless set otherwise) after the person's last launch, with
everything about them; `names_days`: 400 days unless set otherwise. **Bold** columns name the person. *Encrypted*:
under the master key, which is kept outside of the database.
"""


def page() -> str:
    """The whole page."""
    tables = sorted(Base.metadata.tables.values(), key=lambda table: table.name)
    personal = [table for table in tables if table.info["person_columns"]]
    others = [table for table in tables if not table.info["person_columns"]]
    lines = [HEAD, "## About people", "", "| table | what it is | columns | when a person is erased | how long |"]
    lines += ["|---|---|---|---|---|", *map(_personal, personal), "", "## About nobody, or about staff", ""]
    lines += ["| table | why it holds nothing about pupils and teachers | columns |", "|---|---|---|"]
    return "\n".join([*lines, *map(_impersonal, others)]) + "\n"


def _personal(table: Table) -> str:
    names = table.info["person_columns"]
    erasure = "; ".join(
        f"`{name}`: {'row deleted' if how == 'delete' else 'emptied, the row stays'}" for name, how in names.items()
    )
    kept = "records" if "delete" in names.values() else "kept; whoever made it is forgotten with their records"
    how_long = HOW_LONG.get(table.name, kept)
    return f"| `{table.name}` | {_what(table)} | {', '.join(_columns(table))} | {erasure} | {how_long} |"


def _impersonal(table: Table) -> str:
    return f"| `{table.name}` | {table.info['reason']} | {', '.join(_columns(table))} |"


def _columns(table: Table) -> Iterator[str]:
    for column in table.columns:
        if column.name in table.info["person_columns"]:
            yield f"**{column.name}**"
        elif column.name.startswith(ENCRYPTED):
            yield f"{column.name.removeprefix(ENCRYPTED)} (*encrypted*)"
        elif column.name.endswith(HASHED):
            yield f"{column.name.removesuffix(HASHED)} (*only a hash*)"
        else:
            yield column.name


def _what(table: Table) -> str:
    [model] = [mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table]
    return (inspect.getdoc(model) or "").partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"Written: {PAGE}\n")
