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


"""The dialogs that ask before something is done."""

from django import http
from django.core import exceptions as core_exceptions
from django.urls import reverse
from horizon import exceptions
from horizon import forms
from horizon import messages
from openstack_dashboard import policy

from migrate_dashboard import api


class ActionForm(forms.SelfHandlingForm):
    """Confirms an action; ``initial`` has ``action``, ``id`` and ``name``."""

    def attributes(self, data):
        """Return what the method of the client is told beside the id."""
        return {}

    def handle(self, request, data):
        action = self.initial['action']
        try:
            api.call(
                request,
                action.method,
                self.initial['id'],
                **self.attributes(data),
            )
        except exceptions.HorizonException as error:
            self.api_error(str(error))
            return False
        messages.success(request, f'{action.past(1)}: {self.initial["name"]}')
        return True


class RefusingView(forms.ModalFormView):
    """A dialog for those whom ``rule`` lets in."""

    rule: tuple

    def dispatch(self, request, *args, **kwargs):
        if not policy.check((self.rule,), request):
            raise core_exceptions.PermissionDenied()
        return super().dispatch(request, *args, **kwargs)


class ActionView(RefusingView):
    """The dialog of an action; refuses what policy forbids.

    The URL gives ``object_id`` and ``action``. ``method`` of the client
    returns the object, ``actions`` are those of it by name, ``forms`` are
    those that ask for more than a yes.
    """

    template_name = 'migrate_dashboard/action.html'
    method: str
    actions: dict
    forms: dict = {}
    index: object
    detail: str

    def dispatch(self, request, *args, **kwargs):
        self.action = self.actions.get(kwargs['action'])
        if self.action is None:
            raise http.Http404()
        (self.rule,) = self.action.policy
        return super().dispatch(request, *args, **kwargs)

    def get_object(self):
        if not hasattr(self, '_object'):
            try:
                self._object = api.call(
                    self.request, self.method, self.kwargs['object_id']
                )
            except exceptions.HorizonException:
                exceptions.handle(self.request, redirect=self.index)
        return self._object

    def get_form_class(self):
        return self.forms.get(self.action.name, ActionForm)

    def get_initial(self):
        one = self.get_object()
        return {'id': one.id, 'name': one.name, 'action': self.action}

    def get_success_url(self):
        if self.action.name == 'delete':
            return self.index
        return self.get_cancel_url()

    def get_cancel_url(self):
        return reverse(self.detail, args=(self.kwargs['object_id'],))

    def get_context_data(self, **kwargs):
        self.modal_header = self.page_title = self.action.verb
        self.submit_label = self.action.verb
        self.submit_url = self.request.path
        self.modal_id = 'migrate_action'
        context = super().get_context_data(**kwargs)
        context['object'] = self.get_object()
        context['action'] = self.action
        return context
