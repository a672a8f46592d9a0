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

"""The personas of OpenStack's consistent and secure RBAC.

Project personas are bound to the project of the resource: ``project_id`` of
the target. ``admin`` is an administrator of the deployment and acts in any.
"""

ADMIN = 'role:admin'
PROJECT_MANAGER_OR_ADMIN = (
    'role:admin or (role:manager and project_id:%(project_id)s)'
)
PROJECT_MEMBER_OR_ADMIN = (
    'role:admin or (role:member and project_id:%(project_id)s) or '
    '(role:manager and project_id:%(project_id)s)'
)
PROJECT_READER_OR_ADMIN = (
    'role:admin or (role:reader and project_id:%(project_id)s) or '
    '(role:member and project_id:%(project_id)s) or '
    '(role:manager and project_id:%(project_id)s)'
)
SCOPE_TYPES = ['project']
