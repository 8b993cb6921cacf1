-- Prosody for comparison: group chat and nothing else, no history, no limits, any password.
run_as_root = true
data_path = "LOAD_DIRECTORY"
log = { warn = "*console" }
network_backend = "epoll"
interfaces = { "127.0.0.1" }
c2s_ports = { LOAD_PORT }
c2s_direct_tls_ports = {}
s2s_ports = {}
http_ports = {}
https_ports = {}
component_ports = {}
modules_enabled = { "saslauth", "disco" }
modules_disabled = { "s2s", "tls", "offline", "limits", "mam", "register", "watchregistrations" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "insecure"
insecure_open_authentication = "Yes please, I know what I'm doing!"
storage = "memory"
network_settings = { tcp_backlog = 1024, nagle = false }
VirtualHost "localhost"
Component "conference.localhost" "muc"
  restrict_room_creation = false
  muc_room_locking = false
  muc_room_default_history_length = 0
  max_history_messages = 0
