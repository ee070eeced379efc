"""Which files are about CI, and which about authentication or authorization, by their paths. Pure.

A word counts as a whole: `author.py` and `authority` are not about auth. Words that mean other things too (a
session of the database, a design token) count only beside a text that speaks of auth.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from core.rules.places import folders, is_test, name

_CI_FOLDERS = (
    ".github/workflows/",
    ".github/actions/",
    ".gitlab/ci/",
    ".circleci/",
    ".buildkite/",
    ".azure-pipelines/",
    ".woodpecker/",
    ".teamcity/",
    ".semaphore/",
    ".ci/",
)
_CI_NAMES = (
    "*.gitlab-ci.y*ml",
    "jenkinsfile",
    "jenkinsfile.*",
    "*.jenkinsfile",
    "azure-pipelines*.y*ml",
    "bitbucket-pipelines.y*ml",
    ".travis.yml",
    ".drone.y*ml",
    ".woodpecker.y*ml",
    "appveyor.yml",
    ".appveyor.yml",
    "cloudbuild.y*ml",
    "buildspec.y*ml",
)

_AUTH = re.compile(
    r"auth[nz]?|authenticat(?:e|es|ed|ion|ions|or|ors)|authori[sz](?:e|es|ed|er|ers|ation|ations)"
    r"|oauth|oidc|openid|saml|sso|jwts?|rbac|abac|acls?|permissions?|log(?:in|out)s?|sign(?:in|out)s?"
    r"|mfa|2fa|totp|webauthn|passkeys?"
)
_PERHAPS_AUTH = re.compile(r"sessions?|tokens?|passwords?|credentials?|passport|guards?|roles?|cookies?")
_SPEAKS_OF_AUTH = re.compile(
    r"authenticat|authori[sz]|\bjwt|\bbearer\b|oauth|csrf|bcrypt|argon2|scrypt|pbkdf2"
    r"|can_?activate|set-cookie|\bcookies?\b|password_?hash|hash_?password|verify_?password",
    re.IGNORECASE,
)
# `signIn`, `sign-out` and `2FA` are one word in two parts; `log_in_memory` has no such word.
_IN_TWO = re.compile(r"\b(?:sign (?:in|out)|2 fa)\b")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOT_CODE = frozenset({".md", ".mdx", ".rst", ".txt", ".adoc", ".http", ".snap", ".svg", ".png"})
_ASIDE = frozenset(
    {"docs", "doc", "fixtures", "__fixtures__", "fixture", "mocks", "examples", "samples", "templates"}
)


def is_ci(path: str) -> bool:
    """Whether a CI service runs what the file says. Folders count at the root only, where services look."""
    folded = path.casefold()
    file = name(folded)
    if folded.startswith(_CI_FOLDERS):
        return True
    return any(fnmatchcase(file, each) for each in _CI_NAMES) and not _is_aside(path)


def is_auth(path: str, *texts: str) -> bool:
    """Whether the code or configuration at `path`, which holds (or held) `texts`, is about auth.

    Tests, documents and fixtures change nobody's rights.
    """
    if PurePosixPath(path).suffix.casefold() in _NOT_CODE or is_test(path):
        return False
    if _is_aside(path):
        return False
    said = {word for part in PurePosixPath(path).parts for word in _words(part)}
    if any(_AUTH.fullmatch(word) for word in said):
        return True
    perhaps = any(_PERHAPS_AUTH.fullmatch(word) for word in said)
    return perhaps and any(_SPEAKS_OF_AUTH.search(text) for text in texts)


def _is_aside(path: str) -> bool:
    return bool(_ASIDE.intersection(folder.casefold() for folder in folders(path)))


def _words(part: str) -> list[str]:
    """The words of one name, folded: those of `requireAuth.service` are `require`, `auth`, `service`."""
    spaced = " ".join(_WORD.findall(part)).casefold()
    return _IN_TWO.sub(lambda found: found[0].replace(" ", ""), spaced).split()
