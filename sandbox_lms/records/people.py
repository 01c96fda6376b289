"""The made-up school: who is in it. All names are invented; they come from many languages and scripts on purpose."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sandbox_lms.records.database import Database


@dataclass(frozen=True)
class Person:
    """Somebody in the school. `id` is for our pages; `sub` is what a tool is told; `kind`: teacher, pupil, admin."""

    id: str
    sub: str
    name: str
    given_name: str
    family_name: str
    kind: str


@dataclass(frozen=True)
class Course:
    """A class: the context of a launch. `history` names the courses that it was copied from, newest first."""

    id: str
    label: str
    title: str
    history: str = ""


TEACHERS = (("marit", "Marit", "de Vries", None), ("tomas", "Tomás", "Adeyemi", None))
ADMIN = ("admin", "Robin", "Castellanos", None)

# id, given name, family name, full name where it is not "given family"
PUPILS = (
    ("ada", "Ada", "Okonkwo", None),
    ("yusuf", "يوسف", "المصري", None),
    ("noa", "נועה", "בן־עמי", None),
    ("lina", "娜", "李", "李娜"),
    ("sean", "Seán", "O’Brien", None),
    ("chiara", "Chiara", "D'Angelo", None),
    ("wulandari", "Wulandari", "", "Wulandari"),
    ("maria", "María Fernanda Guadalupe Aleksandra", "von Hohenstein-Wittgenbaum y Etxeberria Goikoetxea", None),
    ("zoe", "Zoë", "van den Berg", None),
    ("lukasz", "Łukasz", "Wójcik", None),
    ("thordis", "Þórdís", "Jónsdóttir", None),
    ("anh", "Ánh", "Nguyễn Thị", "Nguyễn Thị Ánh"),
    ("dmytro", "Дмитро", "Шевчук", None),
    ("eleni", "Ελένη", "Παππά", None),
    ("seoyeon", "서연", "김", "김서연"),
    ("sakura", "さくら", "田中", "田中さくら"),
    ("priya", "प्रिया", "शर्मा", None),
    ("kavin", "கவின்", "முருகன்", None),
    ("kwabena", "Kwabena", "Mensah", None),
    ("mali", "มะลิ", "ศรีสุข", None),
    ("nino", "ნინო", "ბერიძე", None),
    ("selam", "ሰላም", "ተስፋዬ", None),
    ("leilani", "Leilani", "Kaʻōpua", None),
    ("jean-baptiste", "Jean-Baptiste", "N'Diaye", None),
    ("ayse", "Ayşe", "Yıldız", None),
)

COURSES = (Course("class-5a", "5A", "Class 5A"), Course("class-5b", "5B", "Class 5B"))
IN_5B_TOO = ("ada", "yusuf", "sean", "wulandari", "zoe", "seoyeon", "priya", "ayse")

_SUBJECTS = uuid.UUID("6f4a5a52-6f1e-4c0b-9a43-2f6d0e3f7b11")


def person(entry: tuple[str, str, str, str | None], kind: str) -> Person:
    """A person from one line of the lists above; `sub` is a stable UUID that says nothing about the name."""
    person_id, given, family, full = entry
    return Person(person_id, str(uuid.uuid5(_SUBJECTS, person_id)), full or f"{given} {family}", given, family, kind)


def test_student(course_id: str) -> Person:
    """The made-up pupil as whom a teacher looks at an activity; one for each course, on no roster."""
    name = f"test-student:{course_id}"
    return Person(name, str(uuid.uuid5(_SUBJECTS, name)), "Test Student", "Test", "Student", "pupil")


def seed(database: Database) -> None:
    """Put the school into an empty database; a database that has people stays as it is."""
    if database.row("SELECT 1 FROM person"):
        return
    teachers = [person(entry, "teacher") for entry in TEACHERS]
    pupils = [person(entry, "pupil") for entry in PUPILS]
    enrolled = [("class-5a", teachers[0].id, "Instructor"), *(("class-5b", one.id, "Instructor") for one in teachers)]
    enrolled += [("class-5a", one.id, "Learner") for one in pupils]
    enrolled += [("class-5b", one, "Learner") for one in IN_5B_TOO]
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO person (id, sub, name, given_name, family_name, kind) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (one.id, one.sub, one.name, one.given_name, one.family_name, one.kind)
                for one in (*teachers, *pupils, person(ADMIN, "admin"))
            ],
        )
        connection.executemany(
            "INSERT INTO course (id, label, title) VALUES (?, ?, ?)",
            [(one.id, one.label, one.title) for one in COURSES],
        )
        connection.executemany("INSERT INTO membership (course_id, person_id, role) VALUES (?, ?, ?)", enrolled)
