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


"""The session with OpenStack: the service user acting through a trust."""

import contextlib
import time

import openstack
import openstack.exceptions
from keystoneauth1 import exceptions as auth_exceptions
from keystoneauth1 import loading

from migrate_service.drivers import errors as driver_errors
from migrate_service.drivers.openstack import errors

GROUP = 'service_auth'
#: A trust fixes the scope; the scope of the service user must not go along.
_UNSCOPED = {
    'project_id': None,
    'project_name': None,
    'project_domain_id': None,
    'project_domain_name': None,
    'domain_id': None,
    'domain_name': None,
    'system_scope': None,
}


class Cloud:
    """One project of a cloud, as the user who delegated the roles.

    ``volumes``, ``servers``, ``ports`` and ``identity`` are the proxies of
    openstacksdk; ``ports`` is Neutron's.

    :param connection: ``openstack.connection.Connection``.
    :param options: the group ``[openstack]``.
    """

    def __init__(self, connection, options, *, project_id):
        self.volumes = connection.block_storage
        self.servers = connection.compute
        self.ports = connection.network
        self.identity = connection.identity
        self.options = options
        self.project_id = project_id
        self._connection = connection

    def close(self):
        self._connection.close()

    def wait(self, what, state, look, *, timeout):
        """Call ``look`` until it returns something true, and return that.

        :param what, state: for the error: *what* was not *state*.
        :param timeout: seconds.
        :raises TargetTimeout: it took longer.
        """
        deadline = time.monotonic() + timeout
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() >= deadline:
                raise errors.TargetTimeout(
                    what=what, state=state, seconds=timeout
                )
            time.sleep(self.options.poll_interval)


def connect(conf, *, trust_id, project_id):
    """Return the :class:`Cloud` of a project.

    :param trust_id: Keystone trust of the migration.
    :raises TargetTrustGone: Keystone does not accept it any more.
    """
    auth = loading.load_auth_from_conf_options(
        conf, GROUP, trust_id=trust_id, **_UNSCOPED
    )
    session = loading.load_session_from_conf_options(
        conf, GROUP, auth=auth, timeout=conf.openstack.request_timeout
    )
    with explained('Keystone', 'the login'):
        _log_in(conf, session)
    connection = openstack.connection.Connection(
        session=session,
        region_name=conf.openstack.region or _first_region(session),
        interface=conf.openstack.interface,
        compute_default_microversion='2.72',
        block_storage_default_microversion='3.54',
    )
    return Cloud(connection, conf.openstack, project_id=project_id)


def _log_in(conf, session):
    """Get a token; tell a trust that is gone from an account refused.

    Keystone answers 401 to both, hence the second try without the trust.
    """
    try:
        session.get_token()
    except auth_exceptions.Unauthorized:
        own = loading.load_auth_from_conf_options(conf, GROUP)
        try:
            session.get_token(auth=own)
        except auth_exceptions.Unauthorized as error:
            raise errors.TargetAccountRefused(reason=str(error)) from None
        raise


@contextlib.contextmanager
def explained(service, action):
    """Raise a :class:`DriverError` for whatever goes wrong inside.

    :param service: name for the sentence, such as ``Cinder``.
    :param action: what was asked of it.
    """
    try:
        yield
    except driver_errors.DriverError:
        raise
    except (
        auth_exceptions.Unauthorized,
        auth_exceptions.Forbidden,
        auth_exceptions.NotFound,
    ) as error:
        raise errors.TargetTrustGone(reason=str(error)) from error
    except (
        auth_exceptions.ConnectFailure,
        auth_exceptions.HttpServerError,
        auth_exceptions.DiscoveryFailure,
    ) as error:
        raise errors.TargetUnreachable(
            service=service, reason=str(error)
        ) from error
    except openstack.exceptions.HttpException as error:
        raise from_http(error, service, action) from error
    except openstack.exceptions.SDKException as error:
        raise errors.TargetUnreachable(
            service=service, reason=str(error)
        ) from error


def from_http(error, service, action):
    """Return the :class:`DriverError` that says what the answer means."""
    reason = str(error.details or error.message or error)
    status = error.status_code or 0
    if status == 401:
        return errors.TargetTrustGone(reason=reason)
    if status in (502, 503, 504):
        return errors.TargetUnreachable(service=service, reason=reason)
    if status == 413 or 'quota' in reason.lower():
        return errors.TargetQuotaExceeded(reason)
    return errors.TargetRefused(service=service, action=action, reason=reason)


def checked(response):
    """Return the response of a plain call, or raise its HTTP error."""
    openstack.exceptions.raise_from_response(response)
    return response


def _first_region(session):
    access = session.auth.get_access(session)
    for service in access.service_catalog.catalog:
        for endpoint in service['endpoints']:
            return endpoint.get('region_id') or endpoint.get('region')
    return None
