import {createServer,connect} from 'node:net';
import { spawn } from 'node:child_process';
if(process.argv[2]==='client'){
 const port=+process.argv[3]; const n=+process.argv[4]; const buf=Buffer.allocUnsafeSlow(1<<18);
 for(let i=0;i<n;i++){connect({port,host:'127.0.0.1',onread:{buffer:buf,callback:()=>true}}).on('connect',()=>{}).on('error',()=>process.exit())}
 const spin=()=>{const t=performance.now();while(performance.now()-t<0.05);setImmediate(spin)};spin();
}else{
 const size=+process.argv[2], N=500, how=process.argv[3];
 const socks=[];const s=createServer(x=>{x.setNoDelay(true);x.on('error',()=>{});socks.push(x)}).listen(0,'127.0.0.1',async()=>{
  const c=spawn('taskset',['-c','1',process.execPath,import.meta.filename,'client',s.address().port,String(N)],{stdio:'inherit'});
  await new Promise(r=>setInterval(()=>socks.length===N&&r(),50));
  const {WebSocket}=await import('ws'); const {default:Sender}={default:(await import('ws')).Sender};
  const senders=how==='ws'?socks.map(x=>new Sender(x)):null;
  const msg=Buffer.alloc(size,1);
  // every 2ms: 10 sockets per 'event', 5000 events/s -> 10 events per 2 ms
  let k=0,count=0;
  const handles=socks.map(x=>x._handle);
  const go=()=>{ const m=Buffer.allocUnsafe(size); m.set(msg); for(let i=0;i<10;i++){ const x=socks[k%N]; if(how==='ws') senders[k%N].send(m,{fin:true,binary:true,compress:false,mask:false}); else x.write(m); k++;count++;} };
  const gap=+process.argv[4]||0.2; let next=performance.now();
  const round=async()=>{count=0;const c0=process.cpuUsage();const t0=performance.now();
   next=performance.now();
   while(performance.now()-t0<2000){ const now=performance.now(); while(next<=now){go();next+=gap;} await new Promise(r=>setTimeout(r,1)); }
   const c=process.cpuUsage(c0); console.log(how,size,'per write µs',((c.user+c.system)/count).toFixed(2),'sys',(c.system/count).toFixed(2),'rate',(count/2).toFixed(0));};
  for(let i=0;i<3;i++) await round();
  c.kill();process.exit();
 });
}
