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


"""One logged-in session with a vCenter Server or ESXi host."""

import functools
import http.client
import re
import threading
import typing

import pyVmomi
from oslo_log import log as logging
from pyVmomi import VmomiSupport
from pyVmomi import vim
from pyVmomi import vmodl

from migrate_service.drivers import errors
from migrate_service.drivers.vsphere import faults
from migrate_service.drivers.vsphere import tls

LOG = logging.getLogger(__name__)

#: Idle sessions end after 30 minutes by default (vSphere Client's limit).
KEEPALIVE = 300
#: What every supported server (6.5 and later) speaks.
LEAST_VERSION = 'vim25/6.5'
_COLLECTOR = vmodl.query.PropertyCollector
_STALE = (
    http.client.RemoteDisconnected,
    http.client.CannotSendRequest,
    ConnectionResetError,
    BrokenPipeError,
)


class Stub(pyVmomi.SoapStubAdapter):
    """Sends calls to the checked address; logs in again when it must."""

    def __init__(self, connect, endpoint, *, version):
        super().__init__(
            host=endpoint.host,
            port=endpoint.port,
            version=VmomiSupport.versionMap[version],
            connectionPoolTimeout=60,
            # A few bytes may unpack to more than the memory of the node.
            acceptCompressedResponses=False,
        )
        self.scheme: typing.Any = lambda host, port, **_: connect()
        self.log_in = None

    def InvokeMethod(self, mo, info, args, outerStub=None):  # noqa: N802
        cookie = self.cookie
        call = functools.partial(
            super().InvokeMethod, mo, info, args, outerStub
        )
        try:
            return call()
        except _STALE:
            return call()
        except vim.fault.NotAuthenticated:
            if self.log_in is None:
                raise
            self.log_in(cookie)
            return call()


class Session:
    """A session; the password stays in this process.

    Calls may come from several threads. A lost session is opened again by
    itself; a refused login is never tried a second time, so that the
    account is not locked.

    :param endpoint: the checked :class:`~.address.Endpoint`.
    :param context: the verifying :class:`ssl.SSLContext`.
    :param connect_timeout: seconds to wait for a connection.
    :param read_timeout: seconds to wait for an answer.
    :param task_timeout: seconds to wait for the end of a task.
    :raises DriverError: with code and remedy.
    """

    def __init__(
        self,
        endpoint,
        context,
        *,
        username,
        password,
        connect_timeout,
        read_timeout,
        task_timeout,
    ):
        self.endpoint = endpoint
        self._context = context
        self._login = (username, password)
        self._timeouts = {
            'connect_timeout': connect_timeout,
            'read_timeout': read_timeout,
        }
        self.task_timeout = task_timeout
        self._lock = threading.Lock()
        self._ended = threading.Event()
        with self.explained('the login'):
            self.stub = Stub(self.connect, endpoint, version=self._version())
            instance = vim.ServiceInstance('ServiceInstance', self.stub)
            self.content: typing.Any = instance.RetrieveContent()
            self._log_in(self.stub.cookie)
        self.stub.log_in = self._log_in
        threading.Thread(
            target=self._keep_alive, name='vsphere-keepalive', daemon=True
        ).start()

    def close(self):
        """Log out, as a vCenter allows but some thousand sessions."""
        if self._ended.is_set():
            return
        self._ended.set()
        self.stub.log_in = None
        try:
            self.content.sessionManager.Logout()
        except Exception as error:
            LOG.debug('logout from %s: %s', self.endpoint.host, error)
        self.stub.DropConnections()

    def explained(self, operation, machine=None):
        """As :func:`faults.explained`, for this source."""
        return faults.explained(self.endpoint.host, operation, machine)

    def connect(self):
        """Return a new, not yet open connection to the checked address."""
        return tls.Connection(self.endpoint, self._context, **self._timeouts)

    def cookie(self):
        """Return ``name=value`` of the session, alive when it returns."""
        self.touch()
        return self.stub.cookie.partition(';')[0]

    @property
    def login(self):
        """User name and password, for interfaces without the session."""
        return self._login

    def touch(self):
        """Keep the session alive, or open it again."""
        with self.explained('the keepalive'):
            self.properties(self.content.sessionManager, ['currentSession'])

    def reference(self, kind, key):
        """Return the managed object ``key`` of the pyvmomi type."""
        return kind(key, self.stub)

    def properties(self, thing, paths):
        """Return ``{path: value}`` of one object; unset ones are absent."""
        spec = _COLLECTOR.FilterSpec(
            objectSet=[_COLLECTOR.ObjectSpec(obj=thing)],
            propSet=[_COLLECTOR.PropertySpec(type=type(thing), pathSet=paths)],
        )
        cookie = self.stub.cookie
        try:
            return self._properties(spec)
        except vim.fault.NotAuthenticated:
            self._log_in(cookie)
            return self._properties(spec)

    def collect(self, paths, page=200):
        """Yield ``(object, {path: value})`` of all objects below the root.

        :param paths: ``{pyvmomi type: [property paths]}``.
        :param page: objects asked for in one answer.
        """
        view = self.content.viewManager.CreateContainerView(
            self.content.rootFolder, list(paths), True
        )
        try:
            yield from self._pages(_view_spec(view, paths), page)
        finally:
            view.Destroy()

    def _properties(self, spec):
        result = self.content.propertyCollector.RetrievePropertiesEx(
            [spec], _COLLECTOR.RetrieveOptions()
        )
        entries = result.objects if result else []
        return {
            name: value
            for entry in entries
            for name, value in _values(entry).items()
        }

    def _pages(self, spec, page):
        collector = self.content.propertyCollector
        result = collector.RetrievePropertiesEx(
            [spec], _COLLECTOR.RetrieveOptions(maxObjects=page)
        )
        while result:
            for entry in result.objects:
                yield entry.obj, _values(entry)
            if not result.token:
                return
            result = collector.ContinueRetrievePropertiesEx(result.token)

    def _version(self):
        """Return the newest API version that both sides speak."""
        connection = self.connect()
        try:
            connection.request('GET', '/sdk/vimServiceVersions.xml')
            answer = connection.getresponse()
            text = answer.read(65536).decode(errors='replace')
        finally:
            connection.close()
        if answer.status == 503:
            raise errors.SourceUnreachable(
                address=self.endpoint.host, reason='503 Service Unavailable'
            )
        if answer.status != 200 or 'urn:vim25' not in text:
            raise errors.SourceNotVsphere(
                address=self.endpoint.host,
                reason=f'/sdk/vimServiceVersions.xml gives {answer.status}',
            )
        return _newest(text)

    def _log_in(self, cookie):
        """Log in, unless another thread did since ``cookie``."""
        with self._lock:
            if self.stub.cookie != cookie:
                return
            relogin, self.stub.log_in = self.stub.log_in, None
            self.stub.cookie = ''
            try:
                self.content.sessionManager.Login(*self._login, None)
            except vim.fault.InvalidLogin:
                raise errors.SourceLoginRefused() from None
            self.stub.log_in = relogin

    def _keep_alive(self):
        while not self._ended.wait(KEEPALIVE):
            try:
                self.touch()
            except Exception as error:
                LOG.warning('keepalive %s: %s', self.endpoint.host, error)


def _values(entry):
    """Return ``{path: value}`` of an answer; what may not be read is absent.

    A session that was lost shows in the single properties only.
    """
    for missing in entry.missingSet or []:
        if isinstance(missing.fault, vim.fault.NotAuthenticated):
            raise missing.fault
    return {prop.name: prop.val for prop in entry.propSet}


def _view_spec(view, paths):
    traversal = _COLLECTOR.TraversalSpec(
        name='view', path='view', skip=False, type=vim.view.ContainerView
    )
    return _COLLECTOR.FilterSpec(
        objectSet=[
            _COLLECTOR.ObjectSpec(obj=view, skip=True, selectSet=[traversal])
        ],
        propSet=[
            _COLLECTOR.PropertySpec(type=kind, pathSet=names)
            for kind, names in paths.items()
        ],
    )


def _newest(text):
    for version in re.findall(r'<version>\s*([\d.]+)\s*</version>', text):
        if f'vim25/{version}' in VmomiSupport.versionMap:
            return f'vim25/{version}'
    return LEAST_VERSION
