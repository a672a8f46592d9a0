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

"""Schemas of sources."""

from migrate_service.api.schemas import parameters

_host = {
    'type': 'string',
    'minLength': 1,
    'maxLength': 255,
    'format': 'host',
    'description': (
        'a host name or an IP address, without scheme, port, path or user.'
    ),
}
_port = {'type': 'integer', 'minimum': 1, 'maximum': 65535}
_password = {'type': 'string', 'minLength': 1, 'maxLength': 1024}
_ca = {
    'type': ['string', 'null'],
    'maxLength': 65536,
    'format': 'pem',
    'description': 'one or more certificates in PEM.',
}
_fingerprint = {
    'type': ['string', 'null'],
    'format': 'fingerprint',
    'description': 'a SHA-256: 64 hexadecimal digits, colons allowed.',
}

_changeable = {
    'name': parameters.name,
    'description': parameters.text,
    'address': _host,
    'port': _port,
    'username': parameters.name,
    'password': _password,
    'ca': _ca,
    'fingerprint': _fingerprint,
}
_create = parameters.obj(
    {'driver': parameters.name} | _changeable,
    required=('name', 'driver', 'address', 'username', 'password'),
)
create_request_body = parameters.obj({'source': _create})
update_request_body = parameters.obj(
    {'source': parameters.obj(_changeable, required=(), minProperties=1)}
)

#: What is null beside texts is hidden from projects with a grant.
source = parameters.obj(
    {
        'id': parameters.string,
        'name': parameters.string,
        'description': parameters.string_or_null,
        'driver': parameters.string,
        'address': parameters.string_or_null,
        'port': {'type': ['integer', 'null']},
        'username': parameters.string_or_null,
        'ca': parameters.string_or_null,
        'fingerprint': parameters.string_or_null,
        'status': {'enum': ['verifying', 'ready', 'error']},
        'error': parameters.error,
        'product': {'type': ['object', 'null']},
        'inventory_at': parameters.time_or_null,
        'inventory_age': parameters.number_or_null,
        'refresh_requested_at': parameters.time_or_null,
        'project_id': parameters.string,
        'user_id': parameters.string_or_null,
        'created_at': parameters.time,
        'updated_at': parameters.time_or_null,
    }
)
show_response_body = parameters.obj({'source': source})
index_request_query = parameters.query(
    ('created_at', 'name', 'status'),
    name=parameters.name,
    status={'type': 'string', 'enum': ['verifying', 'ready', 'error']},
    driver=parameters.name,
    all_projects=parameters.boolean,
)
index_response_body = parameters.page('sources', source)
