import { runKamailio } from './kamailio.ts';
import type { Kamailio } from './kamailio.ts';

const modules = ['pv', 'kex', 'sl', 'textops', 'htable', 'msrp'];

/**
 * A relay that lets everybody in: what comes from who asked for a path goes on along To-Path, what comes from elsewhere
 * goes to who asked.
 *
 * @spec RFC 4976 §5
 */
const configuration = (port: number): string => `
debug=1
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
tcp_accept_no_cl=yes
tcp_rd_buf_size=65536
listen=tcp:127.0.0.1:${port}
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("htable", "htable", "who=>size=8;autoexpire=900;")
request_route { exit; }
event_route[msrp:frame-in] {
  msrp_reply_flags("1");
  if ($msrp(method) == "AUTH") {
    $var(id) = "s" + $msrp(transid);
    $sht(who=>$var(id)::address) = $msrp(srcaddr);
    $sht(who=>$var(id)::socket) = $msrp(srcsock);
    msrp_reply("200", "OK", "Use-Path: msrp://127.0.0.1:${port}/$var(id);tcp\\r\\nExpires: 900\\r\\n");
    exit;
  }
  if ($msrp(nexthops) < 1) {
    if (msrp_is_request()) msrp_reply("481", "No such session");
    exit;
  }
  if ($msrp(method) == "SEND") msrp_reply("200", "OK");
  if ($sht(who=>$msrp(sessid)::address) != $msrp(srcaddr)) {
    msrp_relay_flags("1");
    msrp_set_dst("$sht(who=>$msrp(sessid)::address)", "$sht(who=>$msrp(sessid)::socket)");
  }
  msrp_relay();
}
`;

/** Starts Kamailio as an MSRP relay, and waits until it accepts. */
export function startMsrpRelay(port: number): Promise<Kamailio> {
  return runKamailio(port, configuration(port));
}
