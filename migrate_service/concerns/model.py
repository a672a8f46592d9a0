# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What a rule is, and the concerns that it finds; pure."""

import dataclasses
import typing

if typing.TYPE_CHECKING:
    import collections.abc

BLOCKING = 'blocking'
WARNING = 'warning'
INFO = 'info'
#: From the worst to the least.
SEVERITIES = (BLOCKING, WARNING, INFO)
KINDS = ('cold', 'warm')


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that may stand against a migration.

    ``what`` and ``remedy`` are templates for the values that ``find``
    yields from :class:`~.facts.Facts`, one dict for each finding. ``cold``
    and ``warm`` are its severity by kind of migration, None where it does
    not matter. ``origin`` tells where the rule comes from: a document, or
    the bug of another tool. ``needs`` names the parts of the facts without
    which it cannot be told. ``refusal`` is the error code by which the API
    refused this before there were concerns.
    """

    code: str
    what: str
    why: str
    remedy: str
    origin: str
    find: 'collections.abc.Callable[..., collections.abc.Iterable[dict]]'
    cold: str | None = BLOCKING
    warm: str | None = BLOCKING
    overridable: bool = False
    needs: tuple[str, ...] = ()
    refusal: str | None = None

    def severity(self, kind):
        """Return the severity for a ``cold`` or ``warm`` migration."""
        return {'cold': self.cold, 'warm': self.warm}[kind]


class Family:
    """Rules of one kind; ``rules`` is what an entry point names."""

    def __init__(self):
        self.rules = []

    def rule(self, **about):
        """Register the decorated function as the ``find`` of a rule."""

        def register(find):
            self.rules.append(Rule(find=find, **about))
            return find

        return register


def concern(rule, kind, values, override=()):
    """Return what a rule found as the dict that the API shows."""
    return {
        'code': rule.code,
        'severity': rule.severity(kind),
        'what': rule.what % values,
        'why': rule.why,
        'remedy': rule.remedy % values,
        'overridable': rule.overridable,
        'overridden': rule.overridable and rule.code in override,
    }


def blocks(concern):
    """Return whether a concern keeps the migration from its start."""
    return concern['severity'] == BLOCKING and not concern['overridden']
