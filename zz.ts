import { openSetting, instanceInput, keyOf, recordOf, untilDone } from './activities/testing/setting.ts'
const slow = process.argv[2]==='slow'
await using s = await openSetting({ deps: { cloudGridMs: 5000 }, ecs: { timeoutMs: 8000 }, ...(slow?{emulator:{clockPolicy:{pendingToStarting:{afterSeconds:2,jitterSeconds:6},startingToRunning:{afterSeconds:3,jitterSeconds:14}}}}:{}) })
const keys = Array.from({length:1000},(_,i)=>keyOf(i+1)); const t=Date.now()
const ids:string[]=[]; for(let i=0;i<1000;i+=50) ids.push(...await Promise.all(keys.slice(i,i+50).map(k=>s.launched(k))))
console.log('launched',Date.now()-t)
async function life<T>(f:(info:any)=>Promise<T>){}
// real delays (not capped): own loop
import { run } from './activities/testing/setting.ts'
async function till(act:any,input:any){ let info:any={}; for(let a=1;;a++){ try{ return (await run(act,input,{...info,attempt:a})).answer }catch(e:any){ if(e.nonRetryable!==false&&e.nonRetryable!==undefined) throw e; info={heartbeatDetails:e.keptDetails}; await new Promise(r=>setTimeout(r,e.nextRetryDelay??1000)) } } }
await Promise.all(keys.map((k,i)=>till(s.activities.awaitRunning,instanceInput(ids[i]!,k))))
console.log('running',Date.now()-t,s.emulator.recorder.counts())
await Promise.all(keys.map((k,i)=>{const {instanceId:_,...q}=instanceInput('',k); return till(s.activities.deleteInstance,{...q,instanceId:ids[i],reason:'x',recordWhenGone:recordOf(k,{seq:3})})}))
console.log('gone',Date.now()-t,s.emulator.recorder.counts(), s.emulator.cloud.instances.size)
