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


"""Tells python-openstackclient about the migration API."""

from osc_lib import utils

from migrate_client import service

DEFAULT_API_VERSION = '1'
API_VERSION_OPTION = 'os_migration_api_version'
API_NAME = 'migration'
API_VERSIONS = ('1', '1.0')


def make_client(instance):
    """Return the ``migration`` proxy of the user's connection."""
    return service.attach(instance.sdk_connection)


def build_option_parser(parser):
    """Add ``--os-migration-api-version`` to the global options."""
    parser.add_argument(
        '--os-migration-api-version',
        metavar='<migration-api-version>',
        default=utils.env(
            'OS_MIGRATION_API_VERSION', default=DEFAULT_API_VERSION
        ),
        help=(
            f'Migration API version, default={DEFAULT_API_VERSION} '
            '(Env: OS_MIGRATION_API_VERSION)'
        ),
    )
    return parser
