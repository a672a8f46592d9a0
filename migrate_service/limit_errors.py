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

"""What a project is refused for its limits."""

from migrate_service import exceptions


class LimitExceeded(exceptions.Forbidden):
    code = 'limit.exceeded'
    template = 'The limits of the project do not allow this: %(reason)s'
    remedy = (
        'Wait until migrations have ended, or cancel some; "openstack '
        'migration limits show" tells what is used. An administrator can '
        'raise a limit ("openstack limit create" or "openstack limit set").'
    )


class LimitsUnavailable(exceptions.MigrateError):
    status = 503
    code = 'limit.unavailable'
    title = 'Service unavailable'
    template = 'The limits of the project are not known: %(reason)s'
    remedy = 'Try again; if it stays so, report it to the operator.'


class EndpointUnknown(exceptions.MigrateError):
    """Of ``migrate-manage limits register`` alone."""

    code = 'limit.endpoint_unknown'
    template = 'Limits cannot be registered: %(reason)s'
    remedy = (
        'Create the endpoint of the service first, or say which it is: '
        '[oslo_limit] endpoint_id or --endpoint-id.'
    )
