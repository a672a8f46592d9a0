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

"""Whether the user may act, and what somebody else's resources look like."""

import flask

from migrate_service import exceptions
from migrate_service.api import services


def authorize(rule, project_id=None):
    """Refuse what the rule does not allow on a project, by default the own.

    :raises Forbidden: naming the rule.
    """
    services.current().policy.authorize(flask.g.context, rule, project_id)


def allows(rule, project_id=None):
    """Return whether the rule allows the user to act on a project.

    A list asks for each of its rows; the answer of a request stays the same.
    """
    known = flask.g.setdefault('allowed', {})
    if (rule, project_id) not in known:
        known[rule, project_id] = services.current().policy.allows(
            flask.g.context, rule, project_id
        )
    return known[rule, project_id]


def authorize_on(row, kind, rule):
    """Refuse to act on a row; one of another project does not exist.

    :raises NotFound: the row is of a project that the user may not act on.
    :raises Forbidden: it is of the user's own.
    """
    if allows(rule, row.project_id):
        return
    if row.project_id != flask.g.context.project_id:
        raise exceptions.NotFound(kind=kind, id=row.id)
    raise exceptions.Forbidden(action=rule)


def scope(rule, all_projects, rule_all):
    """Return the filter on projects of a list.

    :raises Forbidden: the user may not list that.
    """
    if all_projects:
        authorize(rule_all)
        return {}
    authorize(rule)
    return {'project_id': flask.g.context.project_id}
