// Licensed under the Apache License, Version 2.0 (the "License"); you may
// not use this file except in compliance with the License. You may obtain
// a copy of the License at
//
//      http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
// WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
// License for the specific language governing permissions and limitations
// under the License.

package main

import (
	"bytes"
	"crypto/subtle"
	"io"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// emptyFetch is what a real vCenter says to Fetch of an unset property.
// govmomi sends an element that pyvmomi cannot read.
const emptyFetch = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><FetchResponse xmlns="urn:vim25"></FetchResponse></soapenv:Body></soapenv:Envelope>`

// sessions lists the live ones.
func (s *sim) sessions() []types.UserSession {
	// govmomi shows the list only in a session's view of its manager
	probe := &simulator.Session{Registry: simulator.NewRegistry(), Map: s.registry()}
	manager := probe.Get(s.registry().SessionManager().Self).(*simulator.SessionManager)
	return manager.SessionList
}

// authorized accepts a session's cookie or the account's password.
func (s *sim) authorized(r *http.Request) bool {
	if user, password, ok := r.BasicAuth(); ok {
		return user == s.conf.User &&
			subtle.ConstantTimeCompare([]byte(password), []byte(s.conf.Password)) == 1
	}
	cookie, err := r.Cookie(soap.SessionCookieName)
	if err != nil {
		return false
	}
	key := strings.Trim(cookie.Value, `"`)
	for _, session := range s.sessions() {
		if session.Key == key {
			return true
		}
	}
	return false
}

// authenticated guards a handler.
func (s *sim) authenticated(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.authorized(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="VMware HTTP server"`)
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

// answer keeps a response in memory.
type answer struct {
	bytes.Buffer
	header http.Header
	code   int
}

func (a *answer) Header() http.Header  { return a.header }
func (a *answer) WriteHeader(code int) { a.code = code }

// sdk stands before govmomi's SOAP service.
func (s *sim) sdk(w http.ResponseWriter, r *http.Request) {
	request, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(request))
	limit := s.knobs.get().MaxSessions
	if limit > 0 && isCall(request, "Login") && len(s.sessions()) >= limit {
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
		return
	}
	if !isCall(request, "Fetch") {
		s.service.ServeSDK(w, r)
		return
	}
	kept := &answer{header: w.Header(), code: http.StatusOK}
	s.service.ServeSDK(kept, r)
	body := kept.Bytes()
	if bytes.Contains(body, []byte("<RetrievePropertiesExResponse ")) {
		body = []byte(emptyFetch)
	}
	w.WriteHeader(kept.code)
	_, _ = w.Write(body)
}

func isCall(request []byte, method string) bool {
	return bytes.Contains(request, []byte("<"+method+" ")) || bytes.Contains(request, []byte("<"+method+">"))
}
