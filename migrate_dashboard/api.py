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


"""What the panels know of the service: calls of its client, by name.

Errors arrive as Horizon's own, with the sentences that the service sent.
Untranslated, ``openstack.exceptions.HttpException`` counts as "not
authorized" in Horizon, whatever it is, and would log the user out.
"""

import types

from django.conf import settings
from django.utils.translation import gettext as _
from horizon import exceptions
from horizon.utils import memoized
from keystoneauth1 import exceptions as auth_exceptions
from keystoneauth1 import session
from keystoneauth1 import token_endpoint
from openstack import connection
from openstack import exceptions as sdk_exceptions
from openstack_auth import utils as auth_utils
from openstack_dashboard.api import base

from migrate_client import errors
from migrate_client import service

SERVICE_TYPE = 'migration'
#: Seconds that an answer of the service may take.
TIMEOUT = 20
_BY_STATUS = {
    400: exceptions.BadRequest,
    404: exceptions.NotFound,
    409: exceptions.Conflict,
}


@memoized.memoized
def client(request):
    """Return the client of the service that acts as the user."""
    token = token_endpoint.Token(
        endpoint=_endpoint(request),
        token=request.user.token.id,
    )
    trusted = settings.OPENSTACK_SSL_CACERT or True
    sdk = connection.Connection(
        session=session.Session(
            auth=token,
            original_ip=auth_utils.get_client_ip(request),
            verify=not settings.OPENSTACK_SSL_NO_VERIFY and trusted,
            timeout=TIMEOUT,
        ),
        region_name=request.user.services_region,
        app_name='migrate-dashboard',
    )
    return service.attach(sdk)


def _endpoint(request):
    """Return the URL of version 1, which a catalogue need not name."""
    url = base.url_for(request, SERVICE_TYPE).rstrip('/')
    return url if url.endswith('/v1') else f'{url}/v1'


def call(request, method, *args, **attributes):
    """Return what a method of the client returns; a list for a generator.

    :raises horizon.exceptions.HorizonException: with the service's sentence
        and remedy; NotFound, Conflict or BadRequest where it is one.
    :raises openstack.exceptions.HttpException: the token is not valid any
        more; Horizon then asks the user to log in.
    """
    try:
        answer = getattr(client(request), method)(*args, **attributes)
        if isinstance(answer, types.GeneratorType):
            return list(answer)
        return answer
    except sdk_exceptions.HttpException as error:
        raise _translated(error) from error
    except (
        auth_exceptions.ClientException,
        exceptions.ServiceCatalogException,
        sdk_exceptions.SDKException,
    ) as error:
        raise exceptions.NotAvailable(
            _(
                'The migration service does not answer. Try again in a '
                'minute; if it goes on, tell the operator of the cloud.'
            )
        ) from error


def _translated(error):
    """Return what to raise instead of an error of the SDK."""
    if error.status_code == 401:
        return error
    kind = _BY_STATUS.get(error.status_code, exceptions.NotAvailable)
    explanation = errors.explain(error)
    if error.status_code in (502, 503, 504) and not explanation.code:
        return kind(
            _('The migration service is not available for the moment.')
        )
    return kind(str(explanation))
