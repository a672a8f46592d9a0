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


"""What the destination refuses or meets; see ``drivers.errors``."""

from migrate_service.drivers import errors


class TargetUnreachable(errors.DriverError):
    code = 'target.unreachable'
    title = 'OpenStack unreachable'
    template = '%(service)s cannot be reached: %(reason)s'
    remedy = 'Check the service and its endpoint in the catalogue, then retry.'
    retryable = True


class TargetRefused(errors.DriverError):
    code = 'target.refused'
    title = 'Refused by OpenStack'
    template = '%(service)s refused %(action)s: %(reason)s'
    remedy = 'Correct the cause, then retry.'


class TargetAccountRefused(errors.DriverError):
    code = 'target.account_refused'
    title = 'Service account refused'
    template = "Keystone refuses the service's own account: %(reason)s"
    remedy = (
        'An operator must correct [service_auth] on the conversion node; '
        'then retry.'
    )


class TargetTrustGone(errors.DriverError):
    code = 'target.trust_gone'
    title = 'Delegation gone'
    template = (
        'Keystone does not accept the delegation of this migration any '
        'more: %(reason)s'
    )
    remedy = (
        'The user lost the role on the project, was disabled, or the trust '
        'was deleted. Cancel this migration and create a new one.'
    )


class TargetNetworkNotFound(errors.DriverError):
    code = 'target.network_not_found'
    title = 'Network not found'
    template = 'There is no network %(network)s in the project.'
    remedy = 'Choose a network that the project owns or that is shared.'


class TargetSubnetNotFound(errors.DriverError):
    code = 'target.subnet_not_found'
    title = 'Subnet not found'
    template = 'The network %(network)s has no subnet %(subnet)s.'
    remedy = 'Choose a subnet of the network.'


class TargetSecurityGroupNotFound(errors.DriverError):
    code = 'target.security_group_not_found'
    title = 'Security group not found'
    template = 'The project has no single security group %(group)s.'
    remedy = 'Give the id of one of the security groups of the project.'


class TargetKeyPairNotFound(errors.DriverError):
    code = 'target.key_pair_not_found'
    title = 'Key pair not found'
    template = 'The user has no key pair %(key)s.'
    remedy = 'Create the key pair, or leave it out.'


class TargetZoneNotFound(errors.DriverError):
    code = 'target.availability_zone_not_found'
    title = 'Availability zone not found'
    template = 'There is no availability zone %(zone)s.'
    remedy = 'Choose one of: %(zones)s.'


class TargetVolumeTypeNotFound(errors.DriverError):
    code = 'target.volume_type_not_found'
    title = 'Volume type not found'
    template = 'There is no volume type %(volume_type)s in the project.'
    remedy = 'Choose one of: %(volume_types)s.'


class TargetFlavorNotFound(errors.DriverError):
    code = 'target.flavor_not_found'
    title = 'Flavor not found'
    template = 'There is no flavor %(flavor)s in the project.'
    remedy = 'Choose a flavor that the project can use, or none.'


class TargetFlavorNoneFits(errors.DriverError):
    code = 'target.flavor_none_fits'
    title = 'No flavor fits'
    template = (
        'No flavor of the project holds %(cpus)s vCPUs and %(memory_mib)s '
        'MiB of memory.'
    )
    remedy = (
        'Ask an administrator for such a flavor, or choose a smaller one '
        'with flavor_id.'
    )


class TargetQuotaExceeded(errors.DriverError):
    code = 'target.quota_exceeded'
    title = 'Quota exceeded'
    template = (
        'The quota %(quota)s of the project does not suffice: %(needed)s '
        'needed, %(free)s free.'
    )
    remedy = 'Delete what is no longer used or ask for a higher quota.'


class TargetVolumeError(errors.DriverError):
    code = 'target.volume_error'
    title = 'Volume in error'
    template = 'The volume %(volume)s is %(status)s: %(reason)s'
    remedy = 'Check the volume back end (cinder-volume), then retry.'


class TargetAttachError(errors.DriverError):
    code = 'target.attach_error'
    title = 'Volume not attached'
    template = (
        'The volume %(volume)s cannot be attached to the conversion node: '
        '%(reason)s'
    )
    remedy = (
        'Check that the conversion node reaches the storage of the volume '
        'type, then retry.'
    )


class TargetPortError(errors.DriverError):
    code = 'target.port_error'
    title = 'Port not made'
    template = 'Neutron refused the port of %(nic)s: %(reason)s'
    remedy = 'Correct the cause, then retry.'


class TargetServerError(errors.DriverError):
    code = 'target.server_error'
    title = 'Server in error'
    template = 'The server %(server)s is in error: %(reason)s'
    remedy = (
        'Correct the cause (a lack of room on the hypervisors, or '
        'properties they do not support), then retry.'
    )


class TargetServerStopped(errors.DriverError):
    code = 'target.server_stopped'
    title = 'Server not running'
    template = 'The server %(server)s is %(status)s instead of ACTIVE.'
    remedy = (
        'Read the console (in result.failed_probe). Start the server and '
        'retry, or cut over again.'
    )
    unfit = True


class TargetTimeout(errors.DriverError):
    code = 'target.timeout'
    title = 'OpenStack timeout'
    template = '%(what)s was not %(state)s within %(seconds)s seconds.'
    remedy = 'Check the service that should have done it, then retry.'
    retryable = True
