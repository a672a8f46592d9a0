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

"""All rules, those of other packages as well, and what they find.

A family is an entry point of the group ``migrate.concerns`` that names a
:class:`~.model.Family`: an operator adds one by installing a package.
"""

import functools
import importlib.metadata

from oslo_log import log

from migrate_service.concerns import model

LOG = log.getLogger(__name__)

GROUP = 'migrate.concerns'


@functools.cache
def rules():
    """Return all rules, ordered by family and as they stand in it.

    A family that cannot be loaded is left out: it must not stop the others.
    """
    found: dict[str, model.Rule] = {}
    for entry in sorted(importlib.metadata.entry_points(group=GROUP)):
        try:
            family = entry.load()
        except Exception:
            LOG.exception('The concerns of %s cannot be loaded', entry.value)
            continue
        for rule in family.rules:
            found.setdefault(rule.code, rule)
    return tuple(found.values())


def find(facts):
    """Return the concerns about a machine, the worst first.

    Rules whose facts are not known are left out.

    :param facts: :class:`~.facts.Facts`.
    :returns: list of dicts; see :func:`~.model.concern`.
    """
    override = facts.option('override', ())
    found = [
        model.concern(rule, facts.kind, values, override)
        for rule in rules()
        if rule.severity(facts.kind)
        and all(getattr(facts, part) is not None for part in rule.needs)
        for values in rule.find(facts)
    ]
    return sorted(
        found, key=lambda one: model.SEVERITIES.index(one['severity'])
    )


def blocking(found):
    """Return those of the concerns that keep a migration from its start."""
    return [concern for concern in found if model.blocks(concern)]


def refusal(code):
    """Return the error code that a concern had before, or None."""
    for rule in rules():
        if rule.code == code:
            return rule.refusal
    return None


def overridable():
    """Return the codes that a user may override."""
    return frozenset(rule.code for rule in rules() if rule.overridable)
