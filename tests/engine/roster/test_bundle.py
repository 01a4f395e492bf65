"""Proofs about bundles as a whole: what is read, what is refused, and with which sentence."""

import zipfile
from pathlib import Path

import pytest

from engine.roster.importer import import_bundle
from store.errors import RosterError
from tests.engine.roster.bundles import FAMILY, MANIFEST, ORGS, USERS_HEADER, family, told, write


def zipped(path: Path, folder: str, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(folder + name, text)
    return path


BUNDLE = {"manifest.csv": MANIFEST.format("1.1"), "orgs.csv": ORGS, "users.csv": FAMILY}


def refused(path: Path) -> str:
    with pytest.raises(RosterError) as caught:
        import_bundle(path)
    return str(caught.value)


def test_a_zip_gives_the_same_roster_as_its_folder(tmp_path):
    plain = zipped(tmp_path / "plain.zip", "", BUNDLE)
    nested = zipped(tmp_path / "nested.zip", "Export 2025/", BUNDLE | {"__MACOSX/users.csv": "junk", "notes.txt": "x"})
    expected = family(tmp_path / "folder")
    assert import_bundle(plain) == import_bundle(nested) == expected
    assert expected.rows == {"manifest.csv": 3, "orgs.csv": 3, "users.csv": 6}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
def test_utf_8_and_marked_utf_16_are_read(tmp_path, encoding):
    folder = write(tmp_path, orgs=ORGS)
    text = FAMILY.replace("Alisa", "Zoë")
    data = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    (folder / "users.csv").write_bytes(data)
    assert any(person.given_name == "Zoë" for person in import_bundle(folder).roster.people)


def test_a_wrong_encoding_is_refused_with_file_and_byte(tmp_path):
    folder = write(tmp_path, orgs=ORGS)
    before = (FAMILY + "x" * 300_000).encode()
    (folder / "users.csv").write_bytes(before + "Zoë".encode("latin-1"))
    assert f"users.csv is not UTF-8 at byte {len(before) + 2}" in refused(folder)
    (folder / "users.csv").write_bytes(FAMILY.encode("utf-16-le"))
    assert "looks like UTF-16 without a byte order mark" in refused(folder)
    (folder / "users.csv").write_bytes(FAMILY.encode("utf-32"))
    assert "users.csv is UTF-32" in refused(folder)
    (folder / "users.csv").write_bytes(FAMILY.encode("utf-16")[:-1])
    assert "users.csv is not UTF-16 at byte" in refused(folder)


def test_what_is_no_bundle_is_refused_with_what_is_missing(tmp_path):
    assert "does not exist" in refused(tmp_path / "nowhere")
    assert "has no orgs.csv and no users.csv" in refused(write(tmp_path / "none", notes="x"))
    assert "has no users.csv" in refused(write(tmp_path / "half", orgs=ORGS))
    assert "single file" in refused(write(tmp_path / "one", users=FAMILY) / "users.csv")
    (tmp_path / "empty.zip").touch()
    assert "is empty" in refused(tmp_path / "empty.zip")


def test_a_truncated_or_damaged_zip_is_refused(tmp_path):
    whole = zipped(tmp_path / "whole.zip", "", BUNDLE).read_bytes()
    broken = tmp_path / "broken.zip"
    for length in range(0, len(whole), 97):
        broken.write_bytes(whole[:length] or b"PK")
        assert "not a whole zip file" in refused(broken)
    start = whole.index(b"users.csv") + 40
    broken.write_bytes(whole[:start] + bytes(60) + whole[start + 60 :])
    assert "users.csv in" in refused(broken)
    assert "damaged or cut short" in refused(broken)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.roster.bundle.BYTES_MAX", 5 << 20)
    bomb = zipped(tmp_path / "bomb.zip", "", BUNDLE | {"contacts.csv": "0" * (6 << 20)})
    assert bomb.stat().st_size < 100_000
    assert "unpacks to 6 MiB; at most 5 MiB are read" in refused(bomb)


def test_an_encrypted_zip_is_refused(tmp_path):
    path = zipped(tmp_path / "secret.zip", "", BUNDLE)
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 1)
    path.write_bytes(data)
    assert "is encrypted" in refused(path)


def test_an_empty_file_or_a_missing_header_is_refused(tmp_path):
    folder = write(tmp_path, orgs=ORGS, users="")
    assert refused(folder).startswith("users.csv is empty")
    write(folder, users="\n \n")
    assert refused(folder).startswith("users.csv is empty")
    write(folder, users=FAMILY.removeprefix(USERS_HEADER))
    assert refused(folder).startswith("users.csv has no header: its first line names none of sourcedId")
    write(folder, users=FAMILY.replace(",", ";"))
    assert "it is not separated by commas" in refused(folder)
    write(folder, users=FAMILY.replace("familyName", "surname", 1))
    assert refused(folder).startswith("users.csv lacks the column familyName")
    write(folder, users=FAMILY.replace("middleName", "Phone", 1))
    assert "two columns named phone" in refused(folder)
    write(folder, users=FAMILY + "x" * (2 << 20))
    assert "users.csv line 8 is longer than" in refused(folder)


def test_a_delta_bundle_and_a_lying_manifest_are_refused(tmp_path):
    folder = write(tmp_path, orgs=ORGS, users=FAMILY)
    for line, sentence in [
        ("file.users,delta", "holds changes only (users.csv is delta)"),
        ("file.enrollments,bulk", "lacks enrollments.csv, which its manifest calls bulk"),
        ("file.users,absent", "calls users.csv absent"),
        ("oneroster.version,2.0", "is OneRoster 2.0; 1.1 and 1.2 can be read"),
    ]:
        write(folder, manifest=f"propertyName,value\n{line}\n")
        assert sentence in refused(folder)


def test_a_file_called_absent_is_not_read_and_that_is_said(tmp_path):
    manifest = MANIFEST.format("1.1") + "file.contacts,absent\nfile.lineItems,delta\n"
    found = family(tmp_path, manifest=manifest, contacts="studentSourcedId,contactSourcedId,messenger\n")
    assert told(found) == ["manifest.csv line 5, value: contacts.csv is called absent but is there; it was not read"]
    assert any(link.messenger for link in found.roster.relationships)


def test_header_case_order_byte_order_mark_and_foreign_columns_do_not_matter(tmp_path):
    users = (
        "\ufeffGIVENNAME,ext_sso,SourcedId,FamilyName,metadata.x,Role,OrgSourcedIds,prefferedGivenName\r\n"
        "Ann,1,s1,Lee,,student,elm,Annie\r\n"
    )
    found = import_bundle(write(tmp_path, orgs=ORGS, users=users, lineItems="\0junk"))
    assert not found.problems
    assert found.roster.people[0].name == "Ann Lee"


def test_progress_climbs_to_all_bytes_of_the_files_that_are_read(tmp_path):
    folder = write(tmp_path, orgs=ORGS, users=FAMILY, lineItems="x" * 1000)
    seen: list[tuple[int, int]] = []
    import_bundle(folder, progress=lambda done, total: seen.append((done, total)))
    size = len(ORGS) + len(FAMILY)
    assert seen[-1] == (size, size)
    assert {total for _, total in seen} == {size}


def test_the_fictional_stamp_of_the_manifest_is_kept(tmp_path):
    assert not family(tmp_path / "real").roster.fictional
    stamped = MANIFEST.format("1.1") + "callchain.fictional,true\n"
    assert family(tmp_path / "made", manifest=stamped).roster.fictional
