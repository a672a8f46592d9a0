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

"""Trusts: a user delegates the own roles on the project to the service.

The worker acts through the trust of a migration as that user in that
project, and deletes it at the end. The trust is made from the token of the
request: Keystone refuses that to a restricted application credential.
"""

import datetime
import functools
import secrets

from keystoneauth1 import exceptions as keystone_errors
from keystoneauth1 import plugin
from keystoneauth1 import session as keystone_session
from keystoneauth1 import token_endpoint
from oslo_log import log as logging

from migrate_service import exceptions
from migrate_service import service_account

LOG = logging.getLogger(__name__)

#: A trust that was forgotten for good ends some day; no migration takes as
#: long.
LIFETIME = datetime.timedelta(days=2 * 365)
#: Keystone refuses a user a second trust of a project that ends in the same
#: second (its ``duplicate_trust_constraint``): ends are scattered over these.
SCATTER = datetime.timedelta(days=365)


class Trusts:
    """Makes and deletes trusts as the users of requests.

    Keystone gives a trust no name. So that one whose id nobody noted is found
    again, the moment at which it expires is chosen, and written down, before
    it is made: to the microsecond it is like a name.
    """

    def __init__(self, conf):
        self._conf = conf

    def ledger(self):
        """Return what to write down before a trust is made."""
        mark = _later(LIFETIME, SCATTER)
        entry = {'kind': 'trust', 'key': 'trust', 'state': 'intended'}
        return [entry | {'details': {'expires_at': mark}}]

    def create(self, context, ledger=(), lifetime=None):
        """Trust the service with the context's roles; return the id.

        :param ledger: what :meth:`ledger` returned, and was written down.
        :param lifetime: without a ledger, seconds that Keystone keeps it at
            least; twice as many at most.
        :raises TrustRefused: Keystone does not let the user delegate.
        :raises TrusteeUnavailable: Keystone, or the service's own account,
            does not work.
        """
        trust = {
            'trustor_user_id': context.user_id,
            'trustee_user_id': self._ask(lambda: self._trustee),
            'project_id': context.project_id,
            'impersonation': True,
            'roles': [{'name': name} for name in needed(context.roles)],
        }
        if lifetime:
            seconds = datetime.timedelta(seconds=lifetime)
            trust['expires_at'] = _later(seconds, seconds)
        for entry in ledger:
            trust['expires_at'] = entry['details']['expires_at']
        session = self._user(context)
        response = self._ask(session.post, self._url, json={'trust': trust})
        return response.json()['trust']['id']

    def delete(self, context, trust_id):
        """Delete a trust that the user of the context has just made."""
        session = self._user(context)
        self._ask(session.delete, f'{self._url}/{trust_id}')

    def delete_unnoted(self, details):
        """Delete the trust that a process made and died before noting.

        The trustee finds it, and deletes it by a token of the trust itself.

        :param details: of the entry in the ledger.
        :raises TrusteeUnavailable: Keystone does not work.
        """
        mark = details.get('expires_at')
        query = {'trustee_user_id': self._ask(lambda: self._trustee)}
        url = self._ask(lambda: self._url)
        found = self._ask(self._service.get, url, params=query).json()
        for trust in found['trusts']:
            if mark and trust['expires_at'] == mark:
                LOG.warning('Deleting the trust %s, unnoted', trust['id'])
                session = service_account.session(
                    self._conf, trust_id=trust['id']
                )
                self._ask(session.delete, f'{url}/{trust["id"]}')

    def delete_as_trustee(self, trust_id):
        """Delete a trust by a token of itself; gone already is fine.

        :raises TrusteeUnavailable: Keystone does not work.
        """
        url = self._ask(lambda: self._url)
        session = service_account.session(self._conf, trust_id=trust_id)
        try:
            session.delete(f'{url}/{trust_id}')
        except (
            keystone_errors.NotFound,
            keystone_errors.Forbidden,
            keystone_errors.Unauthorized,
        ) as error:
            LOG.info('The trust %s is no more: %s', trust_id, error)
        except keystone_errors.ClientException as error:
            raise exceptions.TrusteeUnavailable(
                reason=f'{type(error).__name__}.'
            ) from error

    @functools.cached_property
    def _service(self):
        return service_account.session(self._conf)

    @functools.cached_property
    def _trustee(self):
        return self._service.get_user_id()

    @functools.cached_property
    def _url(self):
        endpoint = self._service.get_endpoint(
            interface=plugin.AUTH_INTERFACE,
            service_type='identity',
            version=(3, 0),
        )
        return f'{endpoint.rstrip("/")}/OS-TRUST/trusts'

    def _user(self, context):
        """Return a session that sends the user's token as it is.

        A token of an application credential cannot be exchanged for another.
        """
        url = self._ask(lambda: self._url)
        return keystone_session.Session(
            auth=token_endpoint.Token(url, context.auth_token),
            verify=self._service.verify,
            cert=self._service.cert,
            timeout=self._service.timeout,
        )

    def _ask(self, function, *args, **kwargs):
        try:
            return function(*args, **kwargs)
        except (
            keystone_errors.BadRequest,
            keystone_errors.Forbidden,
        ) as error:
            raise exceptions.TrustRefused(reason=error.message) from error
        except keystone_errors.ClientException as error:
            raise exceptions.TrusteeUnavailable(
                reason=f'{type(error).__name__}.'
            ) from error


class NoTrusts:
    """Stands in for :class:`Trusts` where nobody authenticates."""

    def ledger(self):
        return []

    def create(self, context, ledger=(), lifetime=None):
        return 'noauth'

    def delete(self, context, trust_id):
        """Nothing: there is none."""

    def delete_unnoted(self, details):
        """Nothing: there is none."""

    def delete_as_trustee(self, trust_id):
        """Nothing: there is none."""


def noted(trusts, context, note, **arguments):
    """Make a trust and have it noted; one that was not noted is deleted.

    :param trusts: what :func:`for_strategy` returned.
    :param note: is called with the id.
    :param arguments: of ``create``.
    :raises: what ``create`` and ``note`` raise.
    """
    trust_id = trusts.create(context, **arguments)
    try:
        note(trust_id)
    except Exception:
        trusts.delete(context, trust_id)
        raise


def needed(roles):
    """Return the roles to delegate: all but that of an administrator.

    A migration does nothing that a member of the project may not do, and the
    service's account must not become an administrator's by its trusts.
    """
    return [name for name in roles if name.lower() != 'admin'] or roles


def _later(lifetime, scatter):
    """Return a time after ``lifetime``, as Keystone writes it."""
    extra = datetime.timedelta(
        microseconds=secrets.randbelow(int(scatter.total_seconds()) * 10**6)
    )
    later = datetime.datetime.now(datetime.UTC) + lifetime + extra
    return later.strftime('%Y-%m-%dT%H:%M:%S.%fZ')


def for_strategy(conf):
    """Return what makes trusts under ``[api] auth_strategy``."""
    return NoTrusts() if conf.api.auth_strategy == 'noauth' else Trusts(conf)
