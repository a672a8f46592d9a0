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

"""``migrate-all-in-one``: API, conductor and worker in one process.

A SQLite file and a bus inside the process: for a laptop and a first look.
Whoever needs a second process runs the daemons on RabbitMQ instead.
"""

import argparse
import os
import pathlib
import signal
import sys
import threading

from werkzeug import serving

from migrate_service import conf as migrate_conf
from migrate_service import rpc
from migrate_service import secret_store
from migrate_service import service
from migrate_service.api import app
from migrate_service.cmd import demo
from migrate_service.conductor import manager as conductor_manager
from migrate_service.db import api as db
from migrate_service.db import migration
from migrate_service.worker import manager as worker_manager


def parser():
    """Return the parser of the command line."""
    root = argparse.ArgumentParser('migrate-all-in-one', description=__doc__)
    root.add_argument(
        '--config-file', action='append', default=[], metavar='PATH'
    )
    root.add_argument(
        '--state',
        type=pathlib.Path,
        default=pathlib.Path.home() / '.local' / 'state' / 'migrate',
        help='folder of the database and the keys (default: %(default)s)',
    )
    root.add_argument(
        '--demo',
        action='store_true',
        help='two fake ends and no authentication: a first look',
    )
    root.add_argument('--host', default='127.0.0.1')
    root.add_argument('--port', type=int, default=8790)
    return root


def configure(arguments):
    """Return the ConfigOpts: what files say wins over what suits us."""
    os.environ['OS_DEFAULT__TRANSPORT_URL'] = 'fake:/'
    files = [f'--config-file={path}' for path in arguments.config_file]
    conf = migrate_conf.prepare('migrate-all-in-one', files)
    state = arguments.state
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = f'sqlite:///{state}/migrate.sqlite'
    conf.set_default('connection', url, 'database')
    conf.set_default('key_directory', str(state / 'keys'), 'secrets')
    conf.set_default('workdir', str(state / 'work'), 'worker')
    if arguments.demo:
        demo.configure(conf, state)
    return conf


def prepare(conf):
    """Bring the database up to date and see that there is a key."""
    db.configure(conf)
    migration.db_sync()
    keys = pathlib.Path(conf.secrets.key_directory)
    if not keys.is_dir() or not secret_store.key_files(keys):
        secret_store.create_key(keys)


def daemons(conf):
    """Return the conductor and the worker, not started."""
    return (
        service.RPCService(
            conf, rpc.CONDUCTOR_TOPIC, conductor_manager.ConductorManager
        ),
        service.RPCService(
            conf, rpc.WORKER_TOPIC, worker_manager.WorkerManager
        ),
    )


def main(argv=None):
    arguments = parser().parse_args(argv)
    conf = configure(arguments)
    prepare(conf)
    server = serving.make_server(
        arguments.host, arguments.port, app.create(conf), threaded=True
    )
    started = daemons(conf)
    for one in started:
        one.start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f'http://{arguments.host}:{server.server_port}'
    print(f'The API is at {url}', flush=True)
    if arguments.demo:
        demo.show(conf, url)
    _wait_for_signal()
    server.shutdown()
    for one in reversed(started):
        one.stop()
    return 0


def _wait_for_signal():
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()


if __name__ == '__main__':
    sys.exit(main())
