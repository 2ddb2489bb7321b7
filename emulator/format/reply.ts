import type { CloudError } from '../errors.ts'
import { toXml } from './xml.ts'

export type Format = 'JSON' | 'XML'

/** What goes back to the client. */
export interface Reply {
  status: number
  contentType: string
  headers: Record<string, string>
  body: string
}

export function successReply(
  format: Format,
  action: string,
  requestId: string,
  body: Record<string, unknown>,
): Reply {
  const whole = { ...body, RequestId: requestId }
  return encode(format, 200, `${action}Response`, requestId, whole, {})
}

/** @param host the host the client named: the cloud repeats it as HostId. */
export function errorReply(format: Format, error: CloudError, requestId: string, host: string): Reply {
  const body = {
    RequestId: requestId,
    HostId: host,
    Code: error.code,
    Message: error.message,
    Recommend: `https://api.aliyun.com/troubleshoot?q=${encodeURIComponent(error.code)}&product=Ecs&requestId=${requestId}`,
  }
  return encode(format, error.status, 'Error', requestId, body, error.headers)
}

function encode(
  format: Format,
  status: number,
  root: string,
  requestId: string,
  body: Record<string, unknown>,
  headers: Readonly<Record<string, string>>,
): Reply {
  const xml = format === 'XML'
  return {
    status,
    contentType: xml ? 'text/xml;charset=utf-8' : 'application/json;charset=utf-8',
    headers: { 'x-acs-request-id': requestId, ...headers },
    body: xml ? toXml(root, body) : toJson(body),
  }
}

/** Prices keep a decimal point: clients in typed languages warn of, or refuse, an integer where they expect a float. */
function toJson(body: Record<string, unknown>): string {
  return JSON.stringify(body).replaceAll(/"(SpotPriceLimit|TradePrice)":(\d+)(?=[,}])/g, '"$1":$2.0')
}
