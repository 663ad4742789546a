package message

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"yian/internal/civil"
)

// FileGateway (文件网关) appends messages to a file a day, for whoever sends them on by
// means of his own. It holds phones in clear: that is what it is for. The file of a day
// is for its owner alone to read.
type FileGateway struct {
	dir string
	now func() time.Time
	mu  sync.Mutex
}

// NewFileGateway makes a gateway that writes to a folder, which is made when the first
// message is written.
func NewFileGateway(dir string, now func() time.Time) *FileGateway {
	return &FileGateway{dir: dir, now: now}
}

// filed is a line of the file.
type filed struct {
	At string `json:"at"`
	Outgoing
}

// Send implements Gateway. The line is on the disk when it returns.
func (g *FileGateway) Send(_ context.Context, o Outgoing) (string, error) {
	at := civil.At(g.now())
	line, err := json.Marshal(filed{at.String(), o})
	if err != nil {
		return "", err
	}
	name := at.Day().String() + ".jsonl"
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.append(name, append(line, '\n')); err != nil {
		return "", &GatewayError{Reason: "消息文件写不了，请管理员检查数据文件夹的磁盘和权限。", Err: err}
	}
	return name, nil
}

func (g *FileGateway) append(name string, line []byte) error {
	if err := os.MkdirAll(g.dir, 0o700); err != nil {
		return fmt.Errorf("make the outbox: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(g.dir, name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the outbox: %w", err)
	}
	_, err = f.Write(line)
	return errors.Join(err, f.Sync(), f.Close())
}
