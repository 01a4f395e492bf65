"""The files of a make-believe bundle, written row by row so that a district of any size fits in memory."""

import csv
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from store.errors import RosterError

HEADERS = {
    "manifest": "propertyName,value",
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId,metadata.msgr.phone",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
    "subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "users": "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
    "preferredFamilyName,primaryOrgSourcedId,pronouns,metadata.msgr.language",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    "userProfileSourcedId",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate",
    "contacts": "studentSourcedId,contactSourcedId,relationship,messenger,guardian,emergencyPriority,startDate,endDate",
    "phones": "userSourcedId,point,phone,extension,private",
    "households": "householdId,name,phone,extension,userSourcedId,startDate,endDate",
    "preferences": "userSourcedId,householdId,point,device,reason,on",
}
BULK = ("academicSessions", "classes", "courses", "enrollments", "orgs", "roles", "users")
ABSENT = (
    "categories", "classResources", "courseResources", "demographics", "lineItemLearningObjectiveIds", "lineItems",
    "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "results", "resultScoreScales", "scoreScales",
    "userProfiles", "userResources",
)  # fmt: skip
STAMP = "callchain.fictional,true"
"""The line of manifest.csv that makes a roster fictional: it may only be dialed at a stand-in."""
CHANGED_AT = "2025-08-01T00:00:00Z"


class SampleFiles:
    """All files of one bundle, open for writing, in a `with` block; `rows` counts what was written, headers aside.

    Raises RosterError where the folder cannot be written, or holds anything but an earlier make-believe bundle.
    """

    def __init__(self, folder: Path) -> None:
        self.rows = 0
        self._stack = ExitStack()
        self._writers: dict[str, tuple[Any, tuple[str, ...]]] = {}
        _require_free(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for file, header in HEADERS.items():
                self._open(folder / f"{file}.csv", file, header.split(","))
        except OSError as error:
            self._stack.close()
            raise RosterError(f"{folder} cannot be written: {error.strerror or error}.") from error

    def __enter__(self) -> "SampleFiles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, file: str, *cells: object) -> None:
        """One row; the cells left out at its end are blank."""
        writer, blanks = self._writers[file]
        writer.writerow(cells + blanks[len(cells) :])
        self.rows += 1

    def add_active(self, file: str, sourced_id: str, *cells: object) -> None:
        """One row of a OneRoster file, which begins with sourcedId, status and dateLastModified."""
        self.add(file, sourced_id, "active", CHANGED_AT, *cells)

    def add_manifest(self) -> None:
        """What kind of bundle this is, and that nobody in it exists."""
        for name, value in (
            ("manifest.version", "1.0"),
            ("oneroster.version", "1.2"),
            *((f"file.{file}", "bulk") for file in BULK),
            *((f"file.{file}", "absent") for file in ABSENT),
            ("source.systemName", "callchain sample"),
            ("source.systemCode", "callchain"),
            tuple(STAMP.split(",")),
        ):
            self.add("manifest", name, value)

    def _open(self, path: Path, file: str, header: list[str]) -> None:
        stream = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        self._writers[file] = csv.writer(stream), ("",) * len(header)
        self._writers[file][0].writerow(header)


def _require_free(folder: Path) -> None:
    """A folder of somebody's files is never written into."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    manifest = folder / "manifest.csv"
    if not manifest.is_file() or STAMP not in manifest.read_text(encoding="utf-8", errors="replace"):
        raise RosterError(f"{folder} is not empty: give a folder that does not exist yet.")
