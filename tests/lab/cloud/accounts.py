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
"""Fills Keystone: service users, catalogue, projects and their users.

Run by the cloud's own interpreter; safe to repeat.
"""

import sys

from tests.lab import settings
from tests.lab.cloud import connection
from tests.lab.cloud import layout

ROLES = ('admin', 'manager', 'member', 'reader', 'service')
INTERFACES = ('public', 'internal', 'admin')
#: The catalogue's entry of the service under test.
MIGRATE = ('migrate', 'migration', settings.MIGRATE_URL)


class Accounts:
    """What Keystone holds; ``ensure`` methods find or create."""

    def __init__(self, identity):
        self.identity = identity
        self.roles = {
            name: identity.find_role(name) or identity.create_role(name=name)
            for name in ROLES
        }

    def project(self, name):
        return self.identity.find_project(
            name
        ) or self.identity.create_project(name=name, domain_id='default')

    def user(self, name, project, roles):
        user = self.identity.find_user(name) or self.identity.create_user(
            name=name, password=settings.PASSWORD, domain_id='default'
        )
        project = self.project(project)
        for role in roles:
            self.identity.assign_project_role_to_user(
                project, user, self.roles[role]
            )

    def service(self, name, kind, url):
        service = self.identity.find_service(
            name
        ) or self.identity.create_service(name=name, type=kind)
        present = {
            endpoint.interface
            for endpoint in self.identity.endpoints(service_id=service.id)
        }
        for interface in INTERFACES:
            if interface not in present:
                self.identity.create_endpoint(
                    service_id=service.id,
                    interface=interface,
                    url=url,
                    region_id=settings.REGION,
                )


def main(barbican):
    """Ensure all accounts; ``barbican`` says whether it is installed."""
    accounts = Accounts(connection.connect('admin').identity)
    apis = [api for api in layout.APIS.values() if api.name != 'keystone']
    apis += [layout.BARBICAN] * barbican
    for name in [api.name for api in apis] + [settings.SERVICE_USER]:
        accounts.user(name, 'service', ('admin', 'service'))
    for api in apis:
        accounts.service(api.name, api.type, api.url)
    accounts.service(*MIGRATE)
    for name, (project, roles) in settings.USERS.items():
        accounts.user(name, project, roles)


if __name__ == '__main__':
    main('barbican' in sys.argv[1:])
