export { bareIdle, bareLife, bareTimer } from './bare.ts'
