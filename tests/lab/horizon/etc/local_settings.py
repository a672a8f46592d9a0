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

"""Settings of the lab's Horizon; ``tests.lab.horizon`` sets the variables."""

import os
import pathlib

_folder = pathlib.Path(os.environ['MIGRATE_LAB_HORIZON'])

DEBUG = False
ALLOWED_HOSTS = ['127.0.0.1', 'localhost']
WEBROOT = '/'
#: Every worker has the same; a lab on loopback keeps no secret by it.
SECRET_KEY = 'lab'

OPENSTACK_HOST = '127.0.0.1'
OPENSTACK_KEYSTONE_URL = os.environ['MIGRATE_LAB_KEYSTONE']
OPENSTACK_KEYSTONE_DEFAULT_DOMAIN = 'Default'
OPENSTACK_KEYSTONE_DEFAULT_ROLE = 'member'

SESSION_ENGINE = 'django.contrib.sessions.backends.file'
SESSION_FILE_PATH = str(_folder / 'sessions')
CACHES = {
    'default': {
        'BACKEND': 'django.core.cache.backends.filebased.FileBasedCache',
        'LOCATION': str(_folder / 'cache'),
    }
}
_theme = os.environ.get('MIGRATE_LAB_THEME', 'default')
STATIC_ROOT = str(_folder / f'static-{_theme}')
COMPRESS_OFFLINE = True

# Material imports the default theme, so that both stay available. With two
# selectable themes Horizon 27 serves both with the CSS of one: a lab has
# one at a time.
DEFAULT_THEME = _theme
SELECTABLE_THEMES = [
    (DEFAULT_THEME, DEFAULT_THEME.title(), f'themes/{DEFAULT_THEME}')
]

TIME_ZONE = 'UTC'
OPENSTACK_CINDER_FEATURES = {'enable_backup': False}
LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'handlers': {'console': {'class': 'logging.StreamHandler'}},
    'root': {'handlers': ['console'], 'level': 'WARNING'},
}
