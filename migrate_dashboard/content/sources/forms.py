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


"""Forms of sources: registering one, confirming its certificate."""

from django import forms as fields
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import forms
from horizon import messages

from migrate_dashboard import api


class RegisterForm(forms.SelfHandlingForm):
    no_autocomplete = True

    name = fields.CharField(label=_('Name'), max_length=255)
    address = fields.CharField(
        label=_('Address'),
        max_length=255,
        help_text=_('Host name or IP address of the vCenter or ESXi.'),
    )
    port = fields.IntegerField(
        label=_('Port'), initial=443, min_value=1, max_value=65535
    )
    username = fields.CharField(label=_('User Name'), max_length=255)
    password = fields.CharField(
        label=_('Password'),
        max_length=1024,
        widget=fields.PasswordInput(attrs={'autocomplete': 'new-password'}),
    )
    ca = fields.CharField(
        label=_('CA Certificate (PEM)'),
        required=False,
        max_length=65536,
        widget=fields.Textarea(attrs={'rows': 3}),
        help_text=_(
            'Empty: a CA that the service knows, or you confirm the '
            'fingerprint of the certificate in the next step.'
        ),
    )
    description = fields.CharField(
        label=_('Description'), required=False, max_length=255
    )

    def handle(self, request, data):
        attributes = {key: value for key, value in data.items() if value}
        try:
            source = api.call(
                request, 'create_source', driver='vsphere', **attributes
            )
        except exceptions.HorizonException as error:
            self.api_error(str(error))
            return False
        messages.info(
            request,
            _('%s is registered. Its connection is being tested.')
            % source.name,
        )
        return source


class CertificateForm(forms.SelfHandlingForm):
    fingerprint = fields.CharField(widget=fields.HiddenInput)
    compared = fields.BooleanField(
        label=_(
            'I compared it with what the administrator of the source told '
            'me by another way.'
        ),
    )

    def handle(self, request, data):
        try:
            return api.call(
                request,
                'update_source',
                self.initial['source_id'],
                fingerprint=data['fingerprint'],
            )
        except exceptions.HorizonException as error:
            self.api_error(str(error))
            return False
