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

"""Horizon's test settings with the Migrate tab plugged in."""

import os
import pathlib

import openstack_dashboard.enabled
from openstack_dashboard.test.settings import *  # noqa: F403,H303
from openstack_dashboard.utils import settings as settings_of_horizon

import migrate_dashboard.enabled

# Horizon's settings did this once, with its own panels only.
HORIZON_CONFIG.pop('dashboards', None)  # noqa: F405
HORIZON_CONFIG.pop('default_dashboard', None)  # noqa: F405
INSTALLED_APPS = list(INSTALLED_APPS)  # noqa: F405
settings_of_horizon.update_dashboards(
    [openstack_dashboard.enabled, migrate_dashboard.enabled],
    HORIZON_CONFIG,  # noqa: F405
    INSTALLED_APPS,
)
INSTALLED_APPS = list(dict.fromkeys(INSTALLED_APPS))

_snippet = (
    pathlib.Path(migrate_dashboard.__file__).parent
    / 'local_settings.d'
    / '_2400_migrate.py'
)
exec(compile(_snippet.read_text(), _snippet, 'exec'))  # noqa: S102
os.environ.pop('no_proxy', None)
