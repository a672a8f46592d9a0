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
"""openstacksdk connections to the lab, for programs in its environments."""

import openstack

from tests.lab import settings


def connect(user, project=None, **options):
    """Return a Connection of a lab user, in the user's own project."""
    return openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_url=settings.AUTH_URL,
        username=user,
        password=settings.PASSWORD,
        project_name=project or settings.USERS[user][0],
        user_domain_name='Default',
        project_domain_name='Default',
        region_name=settings.REGION,
        block_storage_api_version='3',
        compute_default_microversion='2.95',
        **options,
    )
