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

"""Options of the store of source credentials: ``[secrets]``."""

from oslo_config import cfg

group = cfg.OptGroup(
    'secrets',
    title='Source credentials',
    help='Where the passwords of sources are kept.',
)

opts = [
    cfg.StrOpt(
        'backend',
        default='fernet',
        choices=[
            ('fernet', 'Encrypted in our own database, by key files.'),
            ('castellan', 'In Barbican or Vault, through castellan.'),
        ],
        help="""
What keeps the passwords of sources.

``castellan`` stores them under the account of ``[service_auth]``; its own
options are in ``[key_manager]``, ``[barbican]`` and ``[vault]``. Sources that
were created with the other back end stay readable: each secret says which one
it is of.

Related options:

* ``key_directory``
* ``[service_auth]``
""",
    ),
    cfg.StrOpt(
        'key_directory',
        default='/etc/migrate/secret-keys',
        help="""
The folder of the key files with which ``fernet`` encrypts.

The files are named by number. The highest encrypts, all of them decrypt.
``migrate-manage secrets create-key`` adds one; after ``migrate-manage secrets
rotate`` the older ones are no longer needed. The folder must be the same on
every API and worker node, and readable by their account alone.
""",
    ),
]


def register_opts(conf):
    conf.register_opts(opts, group=group.name)


def list_opts():
    return {group: opts}
