"""The draft composer: a new agreement from a clause library, in three languages, with its machine-readable form.

Examples
--------
>>> draft = example()
>>> draft.title["en"], draft.preference
('Treaty on a Customs Union', 'customs_union')
"""

from dostastyq.council.composer.akn import to_akn
from dostastyq.council.composer.differences import Difference, Run, differences
from dostastyq.council.composer.library import AgreementKind, Clause, Library, Parameter, Pattern, library
from dostastyq.council.composer.model import Amendment, Article, Composition, Final, Paragraph, Subject, compose
from dostastyq.council.composer.read import EXAMPLE, example

__all__ = [
    "EXAMPLE",
    "AgreementKind",
    "Amendment",
    "Article",
    "Clause",
    "Composition",
    "Difference",
    "Final",
    "Library",
    "Paragraph",
    "Parameter",
    "Pattern",
    "Run",
    "Subject",
    "compose",
    "differences",
    "example",
    "library",
    "to_akn",
]
