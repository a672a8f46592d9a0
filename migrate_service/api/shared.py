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

"""What a project sees of a source that an operator shares with it.

Beside the machines of its grants it learns nothing: no address, no account,
no names of hosts, no paths on datastores.
"""

import re
import urllib.parse

import flask

from migrate_service.api import access
from migrate_service.db import granted
from migrate_service.db.api import assessments as assessments_db
from migrate_service.db.api import grants as grants_db
from migrate_service.policies import inventory as inventory_policies
from migrate_service.policies import sources as policies

#: What the personas of a project may do with a source shared with it.
RULES = frozenset(
    {
        policies.SHOW,
        inventory_policies.LIST_MACHINES,
        inventory_policies.SHOW_MACHINE,
        inventory_policies.LIST_NETWORKS,
        inventory_policies.LIST_DATASTORES,
    }
)
#: What of a source is the operator's.
HIDDEN = (
    'description',
    'address',
    'port',
    'username',
    'ca',
    'fingerprint',
    'product',
    'user_id',
)
GONE = '…'
ERROR = {
    'message': 'The source did not do what was asked of it.',
    'remedy': 'Ask an operator of the source, who sees the reason.',
}
_IPV4 = re.compile(r'\b\d{1,3}(?:\.\d{1,3}){3}\b')


def scope(source):
    """Return what the project of the request sees of a source.

    :returns: None for all of it: it is the project's own, or the user is an
        administrator whose project has no grant. Else a ``granted.Scope``,
        an empty one without a grant.
    """
    project_id = flask.g.context.project_id
    if source.project_id == project_id:
        return None
    found = grants_db.scope(flask.g.context, source.id, project_id)
    if found is None and access.allows(policies.SHOW, source.project_id):
        return None
    return found or granted.Scope()


def is_granted(source, rule):
    """Return whether a grant lets the user act on a source by ``rule``."""
    context = flask.g.context
    return (
        rule in RULES
        and source.project_id != context.project_id
        and grants_db.scope(context, source.id, context.project_id) is not None
        and access.allows(rule)
    )


def source_view(view):
    """Return the view of a source for a project with a grant."""
    error = view['error'] and view['error'] | ERROR
    return view | dict.fromkeys(HIDDEN) | {'error': error}


def machine_view(view):
    """Return the view of a machine for a project with a grant."""
    disks = [disk | {'path': None} for disk in view['disks']]
    hidden: dict = {'host': None, 'cluster': None, 'passthrough': []}
    return view | hidden | {'disks': disks}


def datastore_view(view):
    """Return the view of a datastore for a project with a grant."""
    return view | {'capacity': None, 'free': None}


def censor(source, machine):
    """Return the :class:`Censor` of what the user is told, None for none.

    :param machine: dict of ``inventory.Machine``, or None.
    """
    return None if scope(source) is None else Censor(source, machine)


def censors(source, machine_ids):
    """Return ``{machine id: Censor}``, empty where all may be told."""
    if scope(source) is None:
        return {}
    found = assessments_db.machines(flask.g.context, source.id, machine_ids)
    known = {machine['key']: machine for machine in found}
    return {id: Censor(source, known.get(id)) for id in machine_ids}


class Censor:
    """Takes names of the infrastructure out of texts.

    :param source: row of the source.
    :param machine: dict of ``inventory.Machine``, or None.
    """

    def __init__(self, source, machine):
        machine = machine or {}
        words = {source.address, source.username, machine.get('host')}
        for disk in machine.get('disks', ()):
            words |= _paths(disk.get('path') or '')
        words |= {urllib.parse.quote(word) for word in words if word}
        parts = sorted(filter(None, words), key=len, reverse=True)
        self._words = re.compile('|'.join(map(re.escape, parts)), re.I)
        self._own = {
            address
            for nic in machine.get('nics', ())
            for address in nic['addresses']
        }

    def clean(self, value):
        """Return ``value``, JSON, without these names and foreign IPs."""
        if isinstance(value, dict):
            return {key: self.clean(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.clean(part) for part in value]
        if not isinstance(value, str):
            return value
        return _IPV4.sub(self._address, self._words.sub(GONE, value))

    def error(self, error):
        """Return an error of a migration; one of the source is general."""
        if error and error['code'].startswith('source.'):
            return error | ERROR
        return self.clean(error)

    def _address(self, match):
        return match[0] if match[0] in self._own else GONE


def _paths(path):
    """Return ``[ds] folder/file.vmdk`` whole, and its parts that tell."""
    within = path.partition('] ')[2]
    return {path, within, within.rpartition('/')[2]} - {''}
