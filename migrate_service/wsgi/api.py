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

"""The WSGI application, made once for each process.

For example ``uwsgi --module migrate_service.wsgi.api:application``. The
configuration is read from the usual places, or from the files that
``MIGRATE_CONFIG_FILES`` names, separated by colons.
"""

import os
import threading

from migrate_service import conf as migrate_conf
from migrate_service.api import app
from migrate_service.db import api as db

_lock = threading.Lock()
application = None


def create(config_files=None):
    """Read the configuration and return the WSGI application."""
    conf = migrate_conf.prepare('migrate-api', (), config_files)
    db.configure(conf)
    return app.create(conf)


with _lock:
    if application is None:
        _files = os.environ.get('MIGRATE_CONFIG_FILES')
        application = create(_files.split(':') if _files else None)
