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

"""``migrate-manage limits register``: makes limits known to Keystone.

An administrator of Keystone runs it, whose credentials are in the usual
variables (``OS_CLOUD``, or ``OS_AUTH_URL`` and so on): the account of the
service may only read limits.
"""

import argparse
import typing

import openstack
from keystoneauth1 import exceptions as keystone_errors
from openstack import exceptions as sdk_errors

from migrate_service import limit_errors
from migrate_service import limits

SERVICE_TYPE = 'migration'
UNLIMITED = -1
#: What Keystone and the way to it may fail with.
FAILURES = (keystone_errors.ClientException, sdk_errors.SDKException)


def add_parser(nouns):
    """Add ``limits register`` to the command line."""
    verbs = nouns.add_parser(
        'limits', help='the limits of projects, in Keystone'
    ).add_subparsers(required=True, metavar='VERB')
    parser = verbs.add_parser('register', help=register.__doc__)
    parser.add_argument(
        '--endpoint-id',
        metavar='ID',
        help='endpoint of the service (default: [oslo_limit] endpoint_id, '
        'then what [oslo_limit] endpoint_… says, then the public endpoint '
        f'of the service of type {SERVICE_TYPE})',
    )
    parser.add_argument(
        '--limit',
        type=_limit,
        action='append',
        default=[],
        metavar='NAME=VALUE',
        help='what a project may use that has no limit of its own; -1 is as '
        'much as it likes, which is what is registered for those not named '
        'here, unless they are registered already',
    )
    parser.set_defaults(run=register)


def register(conf, arguments):
    """Register the limits that Keystone lacks, change those that are given."""
    try:
        identity: typing.Any = openstack.connect().identity
        endpoint = _endpoint(identity, conf.oslo_limit, arguments.endpoint_id)
        known = {
            one.resource_name: one
            for one in identity.registered_limits(
                service_id=endpoint.service_id, region_id=endpoint.region_id
            )
        }
        wanted = dict(arguments.limit)
        for name in limits.RESOURCES:
            done = _register(identity, endpoint, known.get(name), name, wanted)
            print(done)
    except FAILURES as error:
        raise limit_errors.EndpointUnknown(reason=f'{error}.') from error
    print(f'[oslo_limit] endpoint_id = {endpoint.id}')


def _register(identity, endpoint, known, name, wanted):
    """Bring one limit to what is wanted; return a line that tells of it."""
    value = wanted.get(name)
    if known is None:
        value = UNLIMITED if value is None else value
        identity.create_registered_limit(
            service_id=endpoint.service_id,
            region_id=endpoint.region_id,
            resource_name=name,
            default_limit=value,
        )
        return f'{name} = {value} (registered)'
    if value is None or value == known.default_limit:
        return f'{name} = {known.default_limit} (as it was)'
    identity.update_registered_limit(known, default_limit=value)
    return f'{name} = {value} (was {known.default_limit})'


def _endpoint(identity, options, id):
    """Return the endpoint whose service and region the limits are of.

    :raises EndpointUnknown: there is none, or more than one.
    """
    id = id or options.endpoint_id
    if id:
        return identity.get_endpoint(id)
    kind = options.endpoint_service_type
    name = options.endpoint_service_name
    if not kind and not name:
        kind = SERVICE_TYPE
    services = list(identity.services(type=kind, name=name))
    region = options.endpoint_region_name
    found = [
        endpoint
        for service in services
        for endpoint in identity.endpoints(
            service_id=service.id, interface=options.endpoint_interface
        )
        if region in (None, endpoint.region_id)
    ]
    if len(found) != 1:
        raise limit_errors.EndpointUnknown(
            reason=f'Keystone has {len(found)} {options.endpoint_interface} '
            f'endpoints of services of the type {kind}.'
        )
    return found[0]


def _limit(text):
    """Return the name and the value of ``NAME=VALUE``."""
    name, _, value = text.partition('=')
    if name not in limits.RESOURCES:
        raise argparse.ArgumentTypeError(
            f'{name} is none of {", ".join(limits.RESOURCES)}'
        )
    try:
        number = int(value)
    except ValueError:
        number = UNLIMITED - 1
    if number < UNLIMITED:
        raise argparse.ArgumentTypeError(f'{value} is no limit')
    return name, number
