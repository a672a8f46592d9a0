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


"""Tags of the machines, through vCenter's REST interface for tagging."""

import base64
import http.client
import json

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

_SESSION = '/rest/com/vmware/cis/session'
_TAGGING = '/rest/com/vmware/cis/tagging'


def machine_tags(session):
    """Return ``{machine key: ['category:name', ...]}``.

    A server without tags (ESXi, or no right to read them) gives ``{}``.
    """
    try:
        return _read(session)
    except (OSError, http.client.HTTPException, KeyError, ValueError) as error:
        LOG.info('no tags from %s: %s', session.endpoint.host, error)
        return {}


def _read(session):
    rest = _Rest(session)
    try:
        names = _tag_names(rest)
        if not names:
            return {}
        attached = rest.call(
            'POST',
            f'{_TAGGING}/tag-association?~action=list-attached-objects-on-tags',
            {'tag_ids': list(names)},
        )
    finally:
        rest.close()
    result: dict[str, list[str]] = {}
    for entry in attached:
        for thing in entry['object_ids'] or ():
            if thing['type'] == 'VirtualMachine':
                name = names[entry['tag_id']]
                result.setdefault(thing['id'], []).append(name)
    return result


def _tag_names(rest):
    categories = {}
    names = {}
    for identity in rest.call('GET', f'{_TAGGING}/tag'):
        tag = rest.call('GET', f'{_TAGGING}/tag/id:{identity}')
        category = tag['category_id']
        if category not in categories:
            found = rest.call('GET', f'{_TAGGING}/category/id:{category}')
            categories[category] = found['name']
        names[identity] = f'{categories[category]}:{tag["name"]}'
    return names


class _Rest:
    """A session of the REST interface; it is not that of the SOAP one."""

    def __init__(self, session):
        self.connection = session.connect()
        user = ':'.join(session.login).encode()
        self.headers = {
            'Authorization': f'Basic {base64.b64encode(user).decode()}'
        }
        identity = self.call('POST', _SESSION)
        self.headers = {'vmware-api-session-id': identity}

    def call(self, method, path, body=None):
        """Return the ``value`` of the answer."""
        headers = self.headers | {'Content-Type': 'application/json'}
        data = json.dumps(body) if body is not None else None
        self.connection.request(method, path, data, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(f'{answer.status} from {path}')
        return json.loads(text).get('value')

    def close(self):
        try:
            self.call('DELETE', _SESSION)
        except (OSError, http.client.HTTPException, ValueError) as error:
            LOG.debug('REST logout: %s', error)
        self.connection.close()
