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


"""Tells Horizon the policy of Migrate; run inside Horizon's settings."""

import pathlib as _pathlib

import migrate_dashboard as _migrate_dashboard

_conf = _pathlib.Path(_migrate_dashboard.__file__).parent / 'conf'
POLICY_FILES['migration'] = str(_conf / 'migrate_policy.yaml')  # noqa: F821
DEFAULT_POLICY_FILES['migration'] = str(  # noqa: F821
    _conf / 'default_policies' / 'migrate.yaml'
)
