export const CONTROLLER = 'tests'
export const OPERATOR_TOKEN = 'operator-token-of-tests'
export const ENROLLMENT_KEYS = {
  k1: 'enrollment-key-one-of-the-tests',
  k2: 'enrollment-key-two-of-the-tests',
}
