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
"""Writes the configuration files of the lab cloud from ``etc/``."""

import base64
import json
import os
import pathlib
import shutil
import string

from tests.lab import settings
from tests.lab.cloud import layout

TEMPLATES = pathlib.Path(__file__).parent / 'etc'
FOLDERS = (
    'cinder/conv',
    'cinder/mnt',
    'glance/images',
    'glance/staging',
    'glance/tasks',
    'lock',
    'loop/dev',
    'neutron',
    'nfs',
    'nova/instances',
    'nova/mnt',
)
#: Barbican reads its paste file from here and nowhere else.
ETC_BARBICAN = pathlib.Path('/etc/barbican')
KEK = settings.CACHE / 'barbican.kek'


def write(barbican):
    """Write every configuration file; ``barbican`` says whether it too."""
    for folder in FOLDERS:
        (layout.DATA / folder).mkdir(parents=True, exist_ok=True)
    for folder in (layout.RUN, layout.LOG):
        folder.mkdir(parents=True, exist_ok=True)
    apis = list(layout.APIS.values()) + [layout.BARBICAN] * barbican
    for api in apis:
        values = _values(api.name)
        _write(layout.config(api.name), layout.config_name(api.name), values)
        _write(
            layout.ETC / 'uwsgi' / f'{api.name}.ini',
            'uwsgi.ini',
            values | _uwsgi_values(api),
        )
    _write(layout.ETC / 'libvirtd.conf', 'libvirtd.conf', _values('libvirt'))
    shutil.copy(layout.VENV / 'etc/nova/api-paste.ini', layout.ETC / 'nova')
    if barbican:
        _barbican_paste()
    _clouds_yaml()


def _uwsgi_values(api):
    # Cinder's entry point has no variable that names its file.
    arguments = (
        f'pyargv = --config-file {layout.config("cinder")}'
        if api.name == 'cinder'
        else ''
    )
    return {
        'arguments': arguments,
        'module': api.module,
        'port': api.port,
        'threads': api.threads,
    }


def _values(service):
    """Return what the templates of ``service`` may name."""
    values = {
        'auth_url': settings.AUTH_URL,
        'barbican_kek': _kek() if service == 'barbican' else '',
        'barbican_url': settings.url('barbican'),
        'data': layout.DATA,
        'etc': layout.ETC,
        'glance_url': settings.url('glance'),
        'log': layout.LOG,
        'node': settings.NODE,
        'password': settings.PASSWORD,
        'privsep': f'{layout.BIN}/privsep-helper --config-file '
        f'{layout.config(service)}',
        'rabbit': settings.rabbit_url('openstack'),
        'region': settings.REGION,
        'run': layout.RUN,
        'service': service,
        'venv': layout.VENV,
        'database': _database(service, service),
        'api_database': _database('nova', 'nova_api'),
    }
    return values | {
        block: render(f'{block}.conf', values)
        for block in ('authtoken', 'credentials', 'messaging')
    }


def _database(user, name):
    return (
        f'connection = {settings.mysql_url(user, name)}\n'
        'max_pool_size = 5\nmax_overflow = 20'
    )


def render(template, values):
    """Return a template of ``etc/`` with its ``$names`` filled in."""
    text = (TEMPLATES / template).read_text()
    return string.Template(text).substitute(values).strip() + '\n'


def _write(path, template, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(template, values))


def _kek():
    if not KEK.exists():
        KEK.parent.mkdir(parents=True, exist_ok=True)
        KEK.write_text(base64.b64encode(os.urandom(32)).decode())
        KEK.chmod(0o600)
    return KEK.read_text()


def _barbican_paste():
    folder = layout.ETC / 'barbican'
    shutil.copy(layout.VENV / 'etc/barbican/barbican-api-paste.ini', folder)
    if not ETC_BARBICAN.exists():
        ETC_BARBICAN.unlink(missing_ok=True)
        ETC_BARBICAN.symlink_to(folder)


def remove_outside():
    """Remove what lies outside the lab's folder."""
    if ETC_BARBICAN.is_symlink():
        ETC_BARBICAN.unlink()


def _clouds_yaml():
    clouds = {
        user: {
            'region_name': settings.REGION,
            'identity_api_version': 3,
            'auth': {
                'auth_url': settings.AUTH_URL,
                'username': user,
                'password': settings.PASSWORD,
                'project_name': project,
                'user_domain_name': 'Default',
                'project_domain_name': 'Default',
            },
        }
        for user, (project, _roles) in settings.USERS.items()
    }
    settings.CLOUDS_YAML.parent.mkdir(parents=True, exist_ok=True)
    # JSON is YAML, and this interpreter has no YAML library.
    settings.CLOUDS_YAML.write_text(json.dumps({'clouds': clouds}, indent=1))
