"""The built-in words that tell what a question is about, for workspaces whose files have none (SPEC 5).

Each line is a piece of RE2, matched as whole words and without regard to case. `title` pieces are looked for
in the title only: a word in the context says little about the question, and for the tiers that can become
automatic (1 and 3) it must not be enough. Where in doubt a piece is left out of tiers 1 and 3 and put into 4.
"""

from __future__ import annotations

from core.domain import value


@value
class Topic:
    """One subject, as pieces of regular expression."""

    name: str
    title: tuple[str, ...] = ()
    text: tuple[str, ...] = ()


NEAR = r"[^.;\n]{0,40}"
STORED = (
    r"(?:tables?|columns?|databases?|db|schema|collections?|constraints?|index(?:es)?|foreign keys?"
    r"|triggers?|sequences?)"
)
HELD = (
    rf"(?:{STORED}|files?|folders?|director(?:y|ies)|branch(?:es)?|buckets?|backups?|volumes?|migrations?"
    r"|(?:all|existing|old|user|customer|production|prod|stored) (?:\w+ )?(?:rows|records|data|users|entries)"
    r"|everything|history|production)"
)
CHANGE = r"(?:add|creat|introduc|chang|alter|renam|remov|modif|extend|split|switch|replac|redesign|expos)\w*"
AUTH = r"(?:auth|authn|authz|authentication|authorization|access control)"
INSTALL = r"(?:npm|pnpm|yarn|bun|pip|poetry|uv|cargo) (?:add|install|i) [@\w\"'`]+"

# Words that look destructive and are not, taken out before tier 4 is looked for. The first line minds case:
# `DELETE /items` is an HTTP method, `Delete /var/data` is not.
HARMLESS = (
    r"\b(?:HTTP )?DELETE (?:`?/[\w:{}\[\]/-]*|(?:endpoint|route|handler|request|method|verb)s?\b)"
    r"|(?i:\bsoft[- ]?delet\w+)|(?i:\bdrop[- ]?downs?\b)|(?i:\bdrop-ins?\b)|(?i:\bdrag[- ]and[- ]drop\b)"
    r"|(?i:\bnon-?destructive\b)"
)
# A way to write code, not a dependency.
NOT_DEPENDENCY = r"(?i:\bdependency[- ](?:injection|inversion)\b)"

DESTRUCTIVE_TOPICS = (
    Topic(
        name="delete",
        title=(r"delet(?:e|es|ing|ion)",),
        text=(
            rf"delet(?:e|es|ing|ion)\b{NEAR}\b{HELD}",
            # a path: `delete src/old.ts`, `remove apps/legacy/`
            r"(?:delet|remov)(?:e|es|ing) [`\"']?[\w@][\w@.-]*(?:/[\w@.*\[\]-]*)*(?:/\w*|\.[a-z]{1,5})",
            r"remov(?:e|es|ing) (?:[\w-]+ ){0,3}(?:tables?|columns?|databases?|files?|folders?)",
            r"remov(?:e|es|ing) (?:[\w-]+ ){0,3}(?:director(?:y|ies)|migrations?|backups?)",
        ),
    ),
    Topic(
        name="drop",
        title=(r"drop(?:ping)? (?:the )?(?:old|legacy|unused|existing)",),
        text=(rf"drop(?:s|ping)?\b{NEAR}\b(?:{STORED}|data|rows|records|\w+_\w+)",),
    ),
    Topic(
        name="truncate",
        text=(rf"truncat(?:e|es|ing)\b{NEAR}\b(?:{STORED}|data|rows|logs?|files?|\w+_\w+)",),
    ),
    Topic(
        name="destroy",
        text=(
            r"destroy(?:s|ing)?",
            r"(?:wip|eras|purg|nuk)(?:e|es|ing)",
            rf"overwrit(?:e|es|ing)\b{NEAR}\b(?:{HELD}|data)",
        ),
    ),
    Topic(
        name="irreversible",
        text=(
            r"irreversibl[ey]",
            r"can(?:no|')t be undone",
            r"permanently (?:remov|los|delet)\w+",
            r"destructive",
            r"(?:will|would|gets?|to) (?:all )?(?:be )?(?:deleted|dropped|erased|wiped)",
            r"(?:will|would|gets?|to) (?:all )?(?:be )?(?:purged|truncated|destroyed|lost)",
            rf"(?:caus|mean|risk|lead)\w*\b{NEAR}\bdata loss",
            r"with data loss",
        ),
    ),
    Topic(name="remove_command", text=(r"rm -\w*[rf]\w*", r"unlink")),
    Topic(
        name="git_history",
        text=(
            r"force[- ]push(?:es|ed|ing)?",
            r"push (?:-f|--force)",
            r"(?:reset --hard|hard reset|git clean)",
            rf"rewrit\w+{NEAR}\bhistory",
        ),
    ),
    Topic(
        name="production",
        text=(
            r"production (?:data\w*|db|config\w*|environment|secrets?|servers?|deploy\w*|system)",
            r"prod (?:data\w*|db|config\w*|deploy\w*)",
            rf"(?:deploy|releas|migrat|chang|writ|push|run)\w*\b{NEAR}\b(?:to|in|on|against) prod(?:uction)?",
        ),
    ),
    Topic(
        name="credentials",
        text=(
            rf"(?:rotat|revok|expos|commit|hard-?cod|chang|replac|print|log)\w*\b{NEAR}\b"
            r"(?:credentials?|secrets?|api[- ]?keys?|private keys?)",
        ),
    ),
)

TOPICS: dict[int, tuple[Topic, ...]] = {
    4: DESTRUCTIVE_TOPICS,
    5: (
        Topic(name="install", text=(INSTALL, r"go get \S+")),
        Topic(
            name="dependency",
            text=(
                rf"(?:add|new|install|introduc|upgrad|bump|pull)\w*\b{NEAR}\b(?:dependency|dependencies|sdk)",
                rf"(?:add|new|install|introduc|upgrad|bump|pull)\w*\b{NEAR}\bnpm packages?",
            ),
        ),
        Topic(
            name="third_party",
            text=(
                r"third[- ]party",
                r"external (?:services?|apis?|providers?|systems?|vendors?|dependenc\w+)",
            ),
        ),
        Topic(
            name="infrastructure",
            text=(r"infrastructure", r"infra (?:change|config)\w*", r"terraform|kubernetes|cloudformation"),
        ),
        Topic(name="other_team", text=(r"cross[- ]team", r"(?:an)?other teams?", r"shared schema")),
    ),
    2: (
        Topic(
            name="which_tool",
            text=(
                r"(?:which|what|choice of|choose an?) (?:[\w-]+ ){0,3}(?:library|framework)",
                r"(?:which|what|choice of|choose an?) (?:[\w-]+ ){0,3}(?:format|style|convention)",
            ),
        ),
        Topic(name="user_interface", text=(r"component library", r"ui (?:framework|kit)")),
        Topic(name="state_management", text=(r"state management",)),
        Topic(name="testing", text=(r"test(?:ing)? (?:framework|approach|library|style)",)),
        Topic(
            name="format",
            text=(
                r"(?:response|request|payload|error|api) (?:shape|format|envelope|style|casing)",
                r"(?:date|id|log|output) (?:shape|format|style|casing)",
            ),
        ),
        Topic(
            name="naming_convention",
            text=(
                r"naming (?:convention|style|scheme)",
                r"cod(?:e|ing) style",
                r"(?:camel|snake|kebab)[- ]?case",
            ),
        ),
        Topic(name="status_code", title=(r"status code", r"[245][0-9]{2} or [245][0-9]{2}")),
        Topic(name="pagination", text=(r"(?:cursor|offset|keyset)[- ]?(?:based )?pagination",)),
    ),
    3: (
        Topic(
            name="unclear",
            title=(
                r"ambiguous|unclear|unspecified",
                r"not (?:specified|clear|defined)",
                r"open to interpretation",
            ),
        ),
        Topic(name="how_far", title=(r"how (?:far|deep|strict\w*|thorough\w*|much)",)),
        Topic(
            name="what_to_validate",
            title=(r"(?:what|which)\b[^\n]*\bvalidat\w*", r"validat\w+\b[^\n]*\b(?:scope|what|which)"),
        ),
        Topic(name="edge_cases", title=(r"edge cases?",)),
        Topic(name="improve", title=(r"(?:improv|optimi[sz])\w*",)),
        Topic(name="fitting", title=(r"appropriate|suitable|reasonable",)),
        Topic(name="like_existing", title=(r"similar to", r"like (?:the )?existing")),
    ),
    1: (
        Topic(
            name="file_name",
            title=(
                r"(?:file|test|folder|directory|variable|function|module|helper) nam(?:e|es|ing)",
                r"nam(?:e|es|ing) (?:of|for) (?:[\w-]+ ){0,3}(?:file|test|folder|module|fixture)s?",
                r"nam(?:e|es|ing) (?:of|for) (?:[\w-]+ ){0,3}(?:variable|function|helper)s?",
            ),
        ),
        Topic(
            name="file_place",
            title=(r"(?:directory|folder) structure", r"which (?:file|folder|directory)"),
        ),
        Topic(name="order", title=(r"import order", r"order of (?:operations|imports)", r"sequence of")),
        Topic(name="existing_pattern", title=(r"which pattern", r"existing (?:pattern|convention)")),
        Topic(name="default_value", title=(r"default (?:page )?(?:value|limit|size|order|sort\w*)",)),
    ),
}

ARCHITECTURAL_TOPICS = (
    Topic(
        name="package_placement",
        title=(r"(?:where|place|put|move|lives?|belongs?)\b[^\n]*\bpackages?",),
        text=(r"package placement", r"which (?:workspace )?package"),
    ),
    Topic(
        name="new_package",
        text=(r"(?:new|creat\w+|add|introduc\w+|extract\w*) (?:an? |the |into |new )*(?:\w+ )?packages?",),
    ),
    Topic(
        name="endpoint_contract",
        title=(rf"{CHANGE} (?:an? |another |the |new |extra |second |public )*(?:endpoint|api route)s?",),
        text=(r"(?:endpoint|route|api) contracts?",),
    ),
    Topic(
        name="database_schema",
        title=(
            rf"{CHANGE}\b{NEAR}\b(?:columns?|tables?|foreign keys?|database index(?:es)?)",
            rf"{CHANGE}\b{NEAR}\bunique constraints?",
        ),
        text=(
            r"(?:database|db|table|sql) schema",
            r"schema (?:change|migration)s?",
            r"(?:alter|create) table",
        ),
    ),
    Topic(
        name="auth",
        title=(AUTH, r"jwt|oauth2?|oidc|saml|rbac"),
        text=(
            rf"{CHANGE}\b[^.;,\n]{{0,20}}\b{AUTH}",
            rf"{AUTH} (?:strategy|scheme|mechanism|provider|model|change|method)",
        ),
    ),
    Topic(
        name="breaking_change",
        text=(
            r"breaking (?:\w+ )?changes?",
            r"backwards?[- ](?:in)?compatib\w+",
            r"break(?:s|ing)? (?:\w+ ){0,2}(?:clients?|consumers?|callers?|api)",
        ),
    ),
    Topic(
        name="new_dependency",
        text=(
            INSTALL,
            r"(?:add|new|install|introduc)\w*\b[^.;\n]{0,30}\b(?:dependency|dependencies|npm packages?)",
            r"(?:add|new|install|introduc)\w*\b[^.;\n]{0,30}\bthird[- ]party (?:package|library|module)s?",
        ),
    ),
    Topic(
        name="error_strategy",
        text=(
            r"error[- ]handling (?:strategy|approach|policy|pattern|model|convention)",
            r"strategy for (?:handling )?errors?",
        ),
    ),
    Topic(
        name="state_strategy",
        text=(r"state (?:management |handling )?strategy", r"strategy for (?:\w+ )?state"),
    ),
    Topic(
        name="cross_cutting",
        title=(
            r"(?:across|in|for|to) (?:all|every|each) (?:the |our |other )?(?:services?|routes?|handlers?)",
            r"(?:across|in|for|to) (?:all|every|each) (?:the |our |other )?(?:packages?|modules?|endpoints?)",
        ),
        text=(r"cross[- ]cutting",),
    ),
)

MOONSHOT_TOPICS = (
    Topic(
        name="out_of_scope",
        text=(
            r"out[- ]of[- ]scope",
            r"(?:beyond|outside) (?:of )?(?:the )?(?:current |this )?(?:story'?s? )?(?:scope|story)",
        ),
    ),
    Topic(name="nice_to_have", text=(r"nice[- ]to[- ]haves?", r"stretch goals?", r"moonshots?")),
    Topic(
        name="future",
        text=(
            r"(?:future|later) (?:version|release|iteration|phase|work|stor(?:y|ie)|sprint)s?",
            r"future (?:enhancement|improvement|feature|extension|idea)s?",
            r"(?:for the|in a) future",
            r"phase (?:2|two)",
        ),
    ),
)
