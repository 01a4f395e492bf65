"""Small bundles, written by hand from the public column lists, one folder each."""

from pathlib import Path

from engine.roster.importer import RosterImport, import_bundle
from store.people import Device, Household, Person, Relationship
from store.records import DeviceKind

MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,{}\nsource.systemName,Example SIS\n"
ORGS = """sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
d1,active,2025-08-01,Lakes District,district,1,
elm,active,2025-08-01,Elm Elementary,school,2,d1
oak,active,2025-08-01,Oak High,school,3,d1
"""
USERS_HEADER = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password\n"
)
FAMILY = USERS_HEADER + (
    'son,active,,true,oak,student,son,,Cody,Anderson,,,,,,"dad,mom",10,\n'
    "daughter,active,,true,elm,student,daughter,,Ella,Anderson,,,,,,,03,\n"
    'dad,active,,true,"elm,oak",parent,dad,,Jeremy,Anderson,,,,(612) 555-0111,612-555-0100,daughter,,\n'
    'mom,active,,true,"elm,oak",guardian,mom,,Alisa,Anderson,,,,612.555.0112,6125550100,daughter,,\n'
    "aunt,active,,true,oak,relative,aunt,,Ruth,Berg,,,,612-555-0113,612-555-0114,son,,\n"
    "coach,active,,true,oak,teacher,coach,,Omar,Hale,,,,612-555-0115,,son,,\n"
)


def write(folder: Path, **files: str) -> Path:
    """A bundle folder with these files; `users="…"` becomes users.csv."""
    folder.mkdir(exist_ok=True, parents=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


def family(folder: Path, **files: str) -> RosterImport:
    """The Anderson family of the worked example as a 1.1 bundle, with more or other files."""
    return import_bundle(write(folder, **({"manifest": MANIFEST.format("1.1"), "orgs": ORGS, "users": FAMILY} | files)))


def person(found: RosterImport, person_id: str) -> Person:
    return next(one for one in found.roster.people if one.person_id == person_id)


def link(found: RosterImport, student_id: str, contact_id: str) -> Relationship:
    return next(
        one for one in found.roster.relationships if (one.student_id, one.contact_id) == (student_id, contact_id)
    )


def device(found: RosterImport, person_id: str, kind: DeviceKind) -> Device:
    return next(one for one in person(found, person_id).devices if one.kind == kind)


def home(found: RosterImport, person_id: str) -> Household:
    return next(one for one in found.roster.households if any(member.person_id == person_id for member in one.members))


def told(found: RosterImport) -> list[str]:
    """The problems as sentences."""
    return [str(problem) for problem in found.problems]
