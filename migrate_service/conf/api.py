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

"""Options of the API: ``[api]``."""

from oslo_config import cfg

group = cfg.OptGroup(
    'api', title='API', help='How requests are authenticated and bounded.'
)

opts = [
    cfg.StrOpt(
        'auth_strategy',
        default='keystone',
        choices=[
            ('keystone', 'Tokens are validated with Keystone.'),
            ('noauth', 'The headers of the request are believed.'),
        ],
        help="""
How the user of a request is known.

``noauth`` takes the user, the project and the roles from the headers
``X-User-Id``, ``X-Project-Id`` and ``X-Roles`` and makes no trusts: it is for
tests and for a first look on a laptop. Anybody who reaches the API may then do
anything.

Related options:

* ``[keystone_authtoken]`` says how tokens are validated.
* ``[service_auth]`` is the account that trusts are made for.
""",
    ),
    cfg.IntOpt(
        'max_limit',
        default=1000,
        min=1,
        help="""
How many items one page of a list holds at most.

A larger ``limit`` in a request is cut to this. Clients follow the link to the
next page; a large value makes requests slow and the API process big.
""",
    ),
    cfg.ListOpt(
        'enabled_drivers',
        default=['vsphere'],
        help="""
The kinds of source that may be created.

Sources that exist go on working when their driver is taken from this list.
Workers must have the libraries of every driver that is named here.
""",
    ),
    cfg.IntOpt(
        'max_request_body_size',
        default=114688,
        min=1024,
        help="""
The size of the largest request body that is read, in bytes.

Larger requests are answered with 413.
""",
    ),
    cfg.StrOpt(
        'response_validation',
        default='ignore',
        choices=[
            ('ignore', 'Responses are not checked.'),
            ('warn', 'A response that breaks its schema is logged.'),
            ('error', 'A response that breaks its schema becomes a 500.'),
        ],
        help="""
What happens when a response does not match its JSON schema.

A mismatch is a defect of the service, not of the request. Tests run with
``error``; the check costs time on long lists, so that it is off by default.
""",
    ),
    cfg.URIOpt(
        'public_url',
        schemes=['http', 'https'],
        help="""
The URL under which clients reach the API, without a version.

Links in responses start with it. When it is not set, they start with what the
request was sent to, which is right unless a proxy changes host or path.

Related options:

* ``[oslo_middleware] enable_proxy_headers_parsing`` makes the API believe
  what a proxy says about that in its headers.
""",
    ),
]


def register_opts(conf):
    conf.register_opts(opts, group=group.name)


def list_opts():
    return {group: opts}
