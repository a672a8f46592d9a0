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

"""Pieces of the service that tests start and that stop with them."""

import datetime
import os
import pathlib
import threading
import time
import uuid
from concurrent import futures

import fixtures
import oslo_messaging as messaging
import sqlalchemy as sa
from oslo_db.sqlalchemy import enginefacade
from oslo_messaging import conffixture

from migrate_service import conf as migrate_conf
from migrate_service import context as migrate_context
from migrate_service import rpc
from migrate_service import service
from migrate_service.conductor import manager as conductor_manager
from migrate_service.db import api as db_api
from migrate_service.db import migration as db_migration
from migrate_service.db import models
from migrate_service.drivers.fake import folder
from migrate_service.worker import manager as worker_manager

#: Seconds that a condition may take; none does unless something is broken.
PATIENCE = 60
RPC = 'migrate_service.rpc'


class Condition(AssertionError):
    """A condition did not come true in time."""


def wait_for(condition, what='the condition', patience=PATIENCE):
    """Return the first true value of ``condition()``.

    :raises Condition: it was not true within ``patience`` seconds.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        threading.Event().wait(0.02)
    raise Condition(f'{what} did not come true in {patience} seconds')


class Config(fixtures.Fixture):
    """A ConfigOpts of its own, with everything below a temporary folder.

    Runs on RabbitMQ and MariaDB when ``TEST_RABBIT_URL`` and
    ``TEST_MYSQL_URL`` are set, in one process and on SQLite when not.
    """

    def _setUp(self):
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.conf = migrate_conf.prepare('migrate-test', [], [])
        bus = self.useFixture(conffixture.ConfFixture(self.conf))
        bus.transport_url = os.environ.get('TEST_RABBIT_URL') or 'fake:/'
        self.suffix = uuid.uuid4().hex[:12]
        self.useFixture(Topics(self.suffix))
        self.set('rpc_response_timeout', 10)
        self.set('connection', self._database(), 'database')
        self.set('driver', ['noop'], 'oslo_messaging_notifications')
        self.set('directory', str(self.root / 'fake'), 'fake')
        self.set('key_directory', str(self.root / 'keys'), 'secrets')
        self.set('destination', 'fake', 'worker')
        self.set('workdir', str(self.root / 'work'), 'worker')
        self.set('slots', 4, 'worker')
        self.set('heartbeat_interval', 0.5, 'worker')
        self.set('tick_interval', 0.2, 'conductor')
        self.set('retry_delay', 0.1, 'conductor')
        self.set('auth_strategy', 'noauth', 'api')
        self.set('enabled_drivers', ['fake', 'vsphere'], 'api')
        self.set('response_validation', 'error', 'api')

    def set(self, name, value, group=None):
        """Override an option for this test."""
        self.conf.set_override(name, value, group)

    def _database(self):
        url = os.environ.get('TEST_MYSQL_URL')
        if not url:
            return f'sqlite:///{self.root}/migrate.sqlite'
        name = f'migrate_{uuid.uuid4().hex[:12]}'
        engine = sa.create_engine(url)
        self.addCleanup(engine.dispose)
        self.addCleanup(_execute, engine, f'DROP DATABASE {name}')
        _execute(engine, f'CREATE DATABASE {name} CHARACTER SET utf8mb4')
        return str(engine.url.set(database=name).render_as_string(False))


class Topics(fixtures.Fixture):
    """Topics of their own: a queue is named for its topic.

    Queues that other tests left, or use right now, must not be heard.
    """

    def __init__(self, suffix):
        super().__init__()
        self.suffix = suffix

    def _setUp(self):
        for name in ('CONDUCTOR_TOPIC', 'WORKER_TOPIC'):
            topic = f'{getattr(rpc, name)}-{self.suffix}'
            self.useFixture(fixtures.MonkeyPatch(f'{RPC}.{name}', topic))
        variable = 'OS_OSLO_MESSAGING_RABBIT__AMQP_AUTO_DELETE'
        self.useFixture(fixtures.EnvironmentVariable(variable, 'true'))


def _execute(engine, statement):
    with engine.connect() as connection:
        connection.execute(sa.text(statement))


class Database(fixtures.Fixture):
    """An empty database with the newest schema."""

    def __init__(self, conf):
        super().__init__()
        self.conf = conf

    def _setUp(self):
        manager = enginefacade.transaction_context()
        db_api.configure(self.conf, manager)
        self.addCleanup(db_api.context_manager.patch_factory(manager))
        self.addCleanup(manager.dispose_pool)
        db_migration.db_sync()


class Clock:
    """A clock that tests set forward; it runs with the real one."""

    def __init__(self):
        self.ahead = 0.0

    def advance(self, seconds):
        self.ahead += seconds

    def monotonic(self):
        return time.monotonic() + self.ahead

    def now(self):
        return models.now() + datetime.timedelta(seconds=self.ahead)


class Service(fixtures.Fixture):
    """Conductors and workers in this process.

    :param config: a :class:`Config`.
    """

    def __init__(self, config, conductors=1, workers=1):
        super().__init__()
        self.config = config
        self.conf = config.conf
        self.clock = Clock()
        self.conductors = []
        self.workers = {}
        self.zombies = []
        self._wanted = (conductors, workers)

    def _setUp(self):
        self.useFixture(Database(self.conf))
        self.clouds = folder.Folder(self.conf.fake.directory)
        conductors, workers = self._wanted
        for _number in range(conductors):
            self.start_conductor()
        for number in range(workers):
            self.start_worker(f'worker-{number + 1}')
        self.addCleanup(self._stop_all)

    def start_conductor(self):
        """Start one more conductor."""

        def make(conf, bus):
            return conductor_manager.ConductorManager(
                conf, bus, now=self.clock.now
            )

        started = service.RPCService(self.conf, rpc.CONDUCTOR_TOPIC, make)
        started.start()
        self.conductors.append(started)
        return started

    def stop_conductor(self):
        """Stop the oldest conductor."""
        self.conductors.pop(0).stop()

    def start_worker(self, name):
        """Start a worker under a name."""

        def make(conf, bus):
            manager = worker_manager.WorkerManager(
                conf, bus, name=name, clock=self.clock.monotonic
            )
            manager.conductor.client = Line(manager.conductor.client)
            return manager

        started = service.RPCService(self.conf, rpc.WORKER_TOPIC, make)
        started.start()
        self.workers[name] = started
        return started

    def stop_worker(self, name):
        """End a worker in good order, as SIGTERM does."""
        self.workers.pop(name).stop()

    def silence(self, name):
        """Cut a worker off from the bus, as a broken network does.

        It stays in the process: a zombie, which must hurt nobody.
        """
        self.workers[name].manager.conductor.client.cut()

    def forsake(self, name):
        """Leave a worker that was silenced alone until the test ends."""
        self.zombies.append(self.workers.pop(name))

    def _stop_all(self):
        for name in list(self.clouds.root.glob('blocks/*')):
            name.unlink()
        _at_once(self.abandon, [*self.workers.values(), *self.zombies])
        _at_once(service.RPCService.stop, self.conductors)

    def abandon(self, worker):
        """End a worker and wait for nothing that it still does."""
        for work in worker.manager.works():
            work.order('lost')
        worker.stop()


def _at_once(stop, services):
    """Stop services side by side: each waits seconds for RabbitMQ."""
    with futures.ThreadPoolExecutor() as pool:
        list(pool.map(stop, services))


class Line:
    """The line of a worker to the conductors, which may be cut."""

    def __init__(self, client):
        self._client = client
        self._cut = False
        self._calls = 0
        self._changed = threading.Condition()

    def cut(self):
        """Return when no call is on its way, and none will be."""
        with self._changed:
            self._cut = True
            self._changed.wait_for(lambda: not self._calls)

    def call(self, *args, **kwargs):
        with self._changed:
            if self._cut:
                raise messaging.MessagingTimeout('The line is cut')
            self._calls += 1
        try:
            return self._client.call(*args, **kwargs)
        finally:
            with self._changed:
                self._calls -= 1
                self._changed.notify_all()


def context(project_id='project-a', user_id='user-a', roles=('member',)):
    """Return the context of a user."""
    return migrate_context.RequestContext(
        project_id=project_id,
        user_id=user_id,
        roles=list(roles),
        overwrite=False,
    )
